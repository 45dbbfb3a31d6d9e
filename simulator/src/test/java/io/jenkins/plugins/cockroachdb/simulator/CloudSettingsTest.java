package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CloudSettingsTest {

    private final CloudSettings defaults = CloudSettings.defaults();

    @Test
    void fasterDividesTheProcessesAndLeavesWhatClientsReckonWith() {
        CloudSettings faster = defaults.fasterBy(60);
        assertThat(faster)
                .isEqualTo(defaults.withStarting(ofSeconds(5))
                        .withInitialScan(ofSeconds(2))
                        .withStride(ofMillis(500))
                        .withStrideTransit(Duration.ofNanos(33_333_333))
                        .withRevert(ofSeconds(3))
                        .withHeartbeatTimeout(ofSeconds(1440)));
        assertThat(faster.retention()).isEqualTo(ofHours(4));
        assertThat(faster.rateLimitPerSecond()).isEqualTo(10);
    }

    @Test
    void noHasteMakesAStrideOrARevertVanish() {
        CloudSettings fastest = defaults.fasterBy(1e15);
        assertThat(fastest.starting()).isZero();
        assertThat(fastest.stride()).isPositive();
        assertThat(fastest.revert()).isPositive();
    }

    @Test
    void aFasterCloudGetsThroughAWholeFailbackInSeconds() {
        Pair pair = new Pair(defaults.fasterBy(60));
        String id = pair.reverseStream();
        pair.time.advance(ofSeconds(10));
        pair.cloud.write(pair.active, "precious");
        pair.time.advance(ofSeconds(2));
        pair.caller.cutOver(id).ok();
        pair.time.advance(ofSeconds(3));
        assertThat(pair.caller.status(id)).isEqualTo("COMPLETED");
        assertThat(pair.cloud.writes(pair.originalPrimary))
                .extracting(Write::value)
                .containsExactly("precious");
    }

    @Test
    void refusesValuesThatMakeNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.fasterBy(0));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withStride(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withRevert(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withStaleness(ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withRateLimitPerSecond(0));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withPageLimit(501));
    }
}
