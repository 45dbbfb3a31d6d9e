package io.jenkins.plugins.cockroachdb.failback.step;

import java.util.List;

/** Every step that talks to the cloud alone. */
public final class CloudSteps {

    public static final StepContract CLUSTER_STATUS = new ClusterStatusContract();
    public static final StepContract PREFLIGHT = new PreflightContract();
    public static final StepContract CREATE_REVERSE_STREAM = CreateStreamContract.reverse();
    public static final StepContract STREAM_STATUS = new StreamStatusContract();
    public static final StepContract AWAIT_STREAM_STATUS = new AwaitStreamStatusContract();
    public static final StepContract INITIATE_FAILBACK = new InitiateFailbackContract();
    public static final StepContract CANCEL_STREAM = new CancelStreamContract();
    public static final StepContract CREATE_FORWARD_STREAM = CreateStreamContract.forward();

    /** In the order of a failback. */
    public static final List<StepContract> ALL = List.of(
            CLUSTER_STATUS,
            PREFLIGHT,
            CREATE_REVERSE_STREAM,
            STREAM_STATUS,
            AWAIT_STREAM_STATUS,
            INITIATE_FAILBACK,
            CANCEL_STREAM,
            CREATE_FORWARD_STREAM);

    private CloudSteps() {}
}
