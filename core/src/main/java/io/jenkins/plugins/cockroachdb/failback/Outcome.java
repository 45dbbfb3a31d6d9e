package io.jenkins.plugins.cockroachdb.failback;

/** How a run ends. Every run ends with exactly one of these. */
public enum Outcome {
    /** Home; for a command that moves nothing: done. */
    COMPLETED(0, "completed"),
    /** A definite error before the cutover; traffic is as before the run, or on A if the run moved it. */
    FAILED(1, "failed"),
    /** Bad arguments or settings; nothing was done. */
    USAGE(2, "usage"),
    /** Refused by a check or an approver before the cutover; traffic as for {@link #FAILED}. */
    REFUSED(3, "refused"),
    /** Out of time before the cutover; traffic as for {@link #FAILED}. */
    TIMED_OUT(4, "timedOut"),
    /**
     * The cutover runs, or the fate of a write is unknown, or a gate was not passed while completed and fenced: run again.
     * Traffic is fenced, or on A when only the creation of the stream is in doubt.
     */
    IN_DOUBT(5, "inDoubt"),
    /** Traffic is stopped and could not be put back: act now. */
    STRANDED(6, "stranded"),
    /** Ended by a person before the cutover; traffic as for {@link #FAILED}. */
    ABORTED(7, "aborted"),
    /** Home, but verification or re-protection failed, was refused, timed out or was aborted. */
    UNPROTECTED(8, "unprotected");

    private final int exitCode;
    private final String kind;

    Outcome(int exitCode, String kind) {
        this.exitCode = exitCode;
        this.kind = kind;
    }

    /** What the command ends with. */
    public int exitCode() {
        return exitCode;
    }

    /** The word in Jenkins causes, record and report. */
    public String kind() {
        return kind;
    }

    /**
     * Whether the failback is not over and a rerun goes on with the same record. So it is after wrong settings too: nothing was
     * done because of them, and what earlier runs did is not undone.
     */
    public boolean leavesRecordOpen() {
        return this == IN_DOUBT || this == STRANDED || this == USAGE;
    }
}
