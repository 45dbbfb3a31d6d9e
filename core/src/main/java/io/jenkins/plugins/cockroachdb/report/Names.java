package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What people call the two clusters. Where a record does not tell the names, the ids have to do.
 *
 * @param originalPrimary the name of P, or its id
 * @param active the name of A, or its id
 */
record Names(String originalPrimary, String originalPrimaryId, String active, String activeId) {

    static Names in(FailbackRecord record) {
        Entry.Began began = record.beginning();
        return record.names()
                .map(named -> new Names(
                        named.originalPrimaryName(), began.originalPrimaryId(), named.activeName(), began.activeId()))
                .orElseGet(() -> new Names(
                        began.originalPrimaryId(), began.originalPrimaryId(), began.activeId(), began.activeId()));
    }

    /** Name and id of a cluster of the pair; the id alone of another, or of one whose name is not known. */
    String full(String clusterId) {
        String name =
                originalPrimaryId.equals(clusterId) ? originalPrimary : activeId.equals(clusterId) ? active : clusterId;
        return name == null || name.equals(clusterId) ? clusterId : name + " (" + clusterId + ")";
    }

    /** The target of a stream's creation, which the record holds as two ids with an arrow. */
    String stream(String target) {
        return Arrays.stream(target.split(" -> ", -1)).map(this::full).collect(Collectors.joining(" -> "));
    }
}
