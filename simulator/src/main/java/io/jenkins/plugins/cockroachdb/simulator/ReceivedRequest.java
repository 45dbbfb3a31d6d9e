package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Instant;

/**
 * A request that has arrived.
 *
 * @param at when, in the cloud's time
 * @param operation what it asked for; null if the API has no such call
 * @param method such as GET
 * @param target path and query
 * @param status the status of the answer; 0 if the wire sends none
 */
public record ReceivedRequest(Instant at, Operation operation, String method, String target, int status) {}
