/**
 * A stand-in for CockroachDB Cloud, as far as physical cluster replication is concerned: what a client of the Cloud API can
 * be tested, rehearsed and measured against, without a cloud and without waiting.
 *
 * <p>{@link io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud} is the cloud itself: clusters that hold writes, streams
 * between them, keys with roles. It has no thread and no timer. A stream is a handful of facts, each with its instant, and
 * everything else (its status, how far it has replicated, what its clusters hold) is computed from them for whatever time
 * it is. So the same cloud runs on a real clock, on a real clock with quicker processes
 * ({@link io.jenkins.plugins.cockroachdb.simulator.CloudSettings#fasterBy}), and on
 * {@link io.jenkins.plugins.cockroachdb.simulator.VirtualTime}, where a day takes no time at all; and old state for stale
 * reads need not be kept, because it can be computed too.
 *
 * <p>The clusters really lose what a real pair would lose: creating a stream erases its standby, a cutover discards what came
 * after its point, and one during the initial scan discards everything. A test compares what was acknowledged with
 * {@link io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud#writes} and knows.
 *
 * <p>{@link io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint} puts a wire with
 * {@link io.jenkins.plugins.cockroachdb.simulator.Faults} before the cloud. It turns each request into a
 * {@link io.jenkins.plugins.cockroachdb.simulator.Delivery}, which
 * {@link io.jenkins.plugins.cockroachdb.simulator.SimulatorServer} carries out over real sockets, and a simulation in one
 * thread on its own timer.
 *
 * <p>Where the real API is not documented, the simulator is the stricter of the likely servers, or has a setting for both.
 */
package io.jenkins.plugins.cockroachdb.simulator;
