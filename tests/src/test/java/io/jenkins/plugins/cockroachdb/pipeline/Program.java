package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import java.io.Serializable;

/** A pipeline between two steps. */
interface Program {

    /** Where it is. */
    sealed interface Point extends Serializable {}

    /** It has come to a step. */
    record At(Step step) implements Point {}

    /** The body of the step that encloses it has ended. */
    record BodyEnded(Outcome outcome) implements Point {}

    /** It has ended. */
    record Ended(Outcome outcome) implements Point {}

    Point point();

    /** Goes on with what came of the step, or of the body of the step that encloses it. */
    void go(Outcome outcome);

    /** Goes on with the body of the step. */
    void enter();

    /** What a variable of the pipeline is now. */
    Object variable(String name);

    /** Everything that another program needs to go on from here. */
    byte[] save();
}
