package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Instant;

/**
 * A write that a cluster has acknowledged.
 *
 * @param at when, in the cloud's time; replication keeps it
 * @param value what was written
 */
public record Write(Instant at, String value) {}
