package io.jenkins.plugins.cockroachdb.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import org.junit.jupiter.api.Test;

class HeadlineTest {

    @Test
    void homeWithoutAFlaw() {
        assertThat(Headline.of(TestRecord.home())).satisfies(headline -> {
            assertThat(headline.title()).isEqualTo("Failback to orders-east: completed");
            assertThat(headline.mood()).isEqualTo("good");
            assertThat(headline.verdict()).contains("orders-east serves.");
            assertThat(headline.recovery()).isEqualTo("1 min 38 s");
            assertThat(headline.lostWrites()).isEqualTo("0");
            assertThat(headline.writePause()).isEqualTo("1 min 43 s");
        });
    }

    @Test
    void clientsThatAreStoppedAreUrgent() {
        Headline headline = Headline.of(
                new TestRecord().named().fenced().ended(200, Outcome.STRANDED).record());

        assertThat(headline.title()).isEqualTo("Failback to orders-east: stranded");
        assertThat(headline.mood()).isEqualTo("bad");
        assertThat(headline.writePause()).startsWith("not over, since ");
    }

    @Test
    void whatCannotBeSeenIsShown() {
        Headline headline = Headline.of(new TestRecord()
                .then(new Entry.Named(TestRecord.at(1), "east\u202e\u0000", "west"))
                .record());

        assertThat(headline.title()).isEqualTo("Failback to east[U+202E][U+0000]: not ended");
    }
}
