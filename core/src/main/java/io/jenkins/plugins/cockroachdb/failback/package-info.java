/**
 * The failback itself. {@link io.jenkins.plugins.cockroachdb.failback.StreamHistory} proves which cluster is which, {@link
 * io.jenkins.plugins.cockroachdb.failback.Preflight} judges every prerequisite, and {@link
 * io.jenkins.plugins.cockroachdb.failback.Runbook} decides what to do next: one pure function of what was seen ({@link
 * io.jenkins.plugins.cockroachdb.failback.Sight}), what was done ({@link
 * io.jenkins.plugins.cockroachdb.failback.FailbackRecord}) and what is wanted ({@link
 * io.jenkins.plugins.cockroachdb.failback.Settings}). All of these are pure: nothing in them reads, writes or waits.
 */
package io.jenkins.plugins.cockroachdb.failback;
