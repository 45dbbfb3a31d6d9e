package io.jenkins.plugins.cockroachdb.failback.step;

import java.util.List;

/** The steps of a whole failback that need more than the cloud: a record, or somebody at the proxies. */
public final class FailbackSteps {

    public static final StepContract NEXT = new NextContract();
    public static final StepContract REDIRECT_PROXY = new RedirectProxyContract();

    /** In the order of a failback. */
    public static final List<StepContract> ALL = List.of(NEXT, REDIRECT_PROXY);

    private FailbackSteps() {}
}
