package io.jenkins.plugins.cockroachdb.cli;

import java.util.List;

/** A display on which all words begin with a label, so that nobody takes them for something else. */
record LabelledDisplay(Display display, String label) implements Display {

    @Override
    public void show(Event event) {
        display.show(labelled(event));
    }

    @Override
    public void show(Progress progress) {
        display.show(new Progress(
                labelled(progress.title()),
                progress.phases(),
                progress.current(),
                progress.began(),
                progress.stream(),
                progress.doing(),
                progress.deadline()));
    }

    @Override
    public void awaitShown() throws InterruptedException {
        display.awaitShown();
    }

    @Override
    public void conclude(Conclusion conclusion) {
        display.conclude(new Conclusion(
                conclusion.outcome(),
                labelled(conclusion.message()),
                labelled(conclusion.advice()),
                conclusion.recordFile(),
                conclusion.reportFile()));
    }

    private Event labelled(Event event) {
        if (event instanceof Event.Recorded recorded) {
            return new Event.Recorded(recorded.entry(), labelled(recorded.words()));
        } else if (event instanceof Event.Doing doing) {
            return new Event.Doing(doing.at(), labelled(doing.words()), doing.deadline());
        } else if (event instanceof Event.StillDoing still) {
            return new Event.StillDoing(still.at(), labelled(still.words()));
        } else if (event instanceof Event.Asked asked) {
            return new Event.Asked(
                    asked.at(),
                    asked.gate(),
                    labelled(asked.question()),
                    asked.clusterName(),
                    labelled(asked.evidence()));
        }
        throw new IllegalStateException("unknown event " + event);
    }

    private List<String> labelled(List<String> all) {
        return all.stream().map(this::labelled).toList();
    }

    /** Nothing stays nothing. */
    private String labelled(String words) {
        return words.isEmpty() ? words : label + words;
    }
}
