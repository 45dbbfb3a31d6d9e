/**
 * The failback itself. {@link io.jenkins.plugins.cockroachdb.failback.StreamHistory} proves which cluster is which, {@link
 * io.jenkins.plugins.cockroachdb.failback.Preflight} judges every prerequisite. All of it is pure: nothing here reads,
 * writes or waits.
 */
package io.jenkins.plugins.cockroachdb.failback;
