package io.jenkins.plugins.cockroachdb.failback;

/** How far a run goes. What it does on the way is the same for all. */
public enum Goal {
    /** All the way: clients are on P, or P is a cluster of its own where traffic is left to others. */
    HOME,
    /** Home, with the reverse stream that there is: the run never creates one. */
    HOME_WITH_THE_STREAM_THERE_IS,
    /** Until the reverse stream exists. */
    STREAM_CREATED,
    /** Until the reverse stream is REPLICATING and has caught up: a cluster of its own is protected then. */
    STREAM_CAUGHT_UP;

    /** Whether the run moves traffic and cuts over. */
    public boolean isHome() {
        return this == HOME || this == HOME_WITH_THE_STREAM_THERE_IS;
    }
}
