package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bug is shown as one line, and in full only to who asks for it. */
class UnexpectedErrorTest {

    private static final String KEY = "CCDB1_" + "a".repeat(22) + "_" + "b".repeat(40);

    @TempDir
    Path directory;

    /** An environment that cannot be read. */
    private static final class Broken extends HashMap<String, String> {
        private static final long serialVersionUID = 1L;

        Broken() {
            put("PRIMARY_CLUSTER_ID", "east");
        }

        @Override
        public Set<Map.Entry<String, String>> entrySet() {
            throw new IllegalStateException("broken with " + KEY + "\nin two lines");
        }
    }

    @Test
    void isOneLineThatTellsHowToSeeMore() {
        Run run = Run.of(new Broken(), directory, "status");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output().lines())
                .singleElement()
                .asString()
                .contains("java.lang.IllegalStateException: broken with CCDB1_*** in two lines", "FAILBACK_DEBUG=1")
                .doesNotContain("aaaa", "bbbb");
    }

    @Test
    void isShownInFullOnDemandStillWithoutSecrets() {
        Map<String, String> environment = new Broken();
        environment.put("FAILBACK_DEBUG", "1");
        Run run = Run.of(environment, directory, "status");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("    at ").doesNotContain("aaaa", "bbbb");
    }
}
