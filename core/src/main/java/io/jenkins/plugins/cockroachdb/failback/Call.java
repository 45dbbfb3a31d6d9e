package io.jenkins.plugins.cockroachdb.failback;

/** What a run does that changes something, each recorded before and after; calls on proxies one by one. */
public enum Call {
    CREATE_REVERSE_STREAM,
    FENCE,
    UNFENCE,
    INITIATE_CUTOVER,
    RELEASE,
    CREATE_FORWARD_STREAM
}
