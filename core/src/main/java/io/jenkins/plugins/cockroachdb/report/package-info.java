/**
 * What a person reads after a failback, or in the middle of one: a page and a summary, both made from the {@link
 * io.jenkins.plugins.cockroachdb.failback.FailbackRecord} and from nothing else. Text of the record comes from people, proxies and
 * the cloud; none of it is trusted to be harmless.
 */
package io.jenkins.plugins.cockroachdb.report;
