/**
 * The client of the CockroachDB Cloud API.
 *
 * <p>{@link io.jenkins.plugins.cockroachdb.cloud.CloudApi} is what the rest of the project sees. {@link
 * io.jenkins.plugins.cockroachdb.cloud.CloudClient} implements it: it encodes, decodes, retries reads, sends every write
 * once and turns what went wrong into a {@link io.jenkins.plugins.cockroachdb.cloud.CloudException}. Below it a {@link
 * io.jenkins.plugins.cockroachdb.cloud.Transport} moves single requests: OkHttp in production, the simulator's in-process
 * wire on virtual time in simulations. {@link io.jenkins.plugins.cockroachdb.cloud.RequestBudget} spaces the requests of
 * one key, and {@link io.jenkins.plugins.cockroachdb.cloud.StreamWatcher} polls for everybody who waits.
 */
package io.jenkins.plugins.cockroachdb.cloud;
