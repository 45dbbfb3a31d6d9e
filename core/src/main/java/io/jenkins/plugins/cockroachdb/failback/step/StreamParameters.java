package io.jenkins.plugins.cockroachdb.failback.step;

import java.time.Duration;

/** Parameters of more than one step on a stream. */
final class StreamParameters {

    static final Parameter<String> STREAM = Parameter.id("streamId", "Id of the stream.");

    static final Parameter<Duration> MAX_LAG =
            Parameter.seconds("maxLagSeconds", 90, 0, "The largest lag with which the stream counts as caught up.");

    private StreamParameters() {}
}
