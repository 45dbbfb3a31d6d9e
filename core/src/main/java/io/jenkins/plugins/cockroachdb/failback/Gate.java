package io.jenkins.plugins.cockroachdb.failback;

/** A question to a person, without whose answer a failback does not go on. */
public enum Gate {
    /** Gate 1, before the reverse stream is created: the approver types the name of the cluster to be erased. */
    ERASE("erase the original primary and replicate to it"),
    /** Gate 2, before the fence: the approver types the name of the cluster that will serve. */
    CUT_OVER("stop writes and cut over"),
    /** Cutover to a time in the past, which discards the writes after it (R7). */
    DISCARD_WRITES("discard every write after the cutover time"),
    /** A fence that nobody here made is to be taken away: no other run may be at work on this pair (R8). */
    FOREIGN_FENCE("unfence traffic that somebody else fenced"),
    /** A completed cutover is to be finished although clients wrote to A meanwhile, or although it is not ours. */
    GO_HOME("move traffic to the original primary"),
    /** Gate 3, before the forward stream is created, which erases A. */
    RE_PROTECT("erase the former active cluster and replicate to it");

    private final String words;

    Gate(String words) {
        this.words = words;
    }

    /** Whether what follows on an approval still comes before the cutover. */
    boolean isBeforeTheCutover() {
        return this == ERASE || this == CUT_OVER || this == DISCARD_WRITES;
    }

    /** What is asked for, to follow "may this run". */
    public String words() {
        return words;
    }
}
