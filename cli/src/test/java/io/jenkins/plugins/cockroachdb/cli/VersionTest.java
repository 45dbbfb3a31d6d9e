package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The version is asked for by scripts, and is the first sign of life: it costs nothing but a JVM. */
class VersionTest {

    @Test
    void loadsNoLibrary() throws IOException, InterruptedException {
        List<String> output = loggingClasses("--version");
        assertThat(output)
                .contains("cockroachdb-failback " + Version.text())
                .anyMatch(line -> line.contains(Main.class.getName()))
                .noneMatch(VersionTest::isOfALibrary);
    }

    @Test
    void theOtherCommandsDoSoTheTestAboveWouldSeeIt() throws IOException, InterruptedException {
        assertThat(loggingClasses("--help")).anyMatch(VersionTest::isOfALibrary);
    }

    private static boolean isOfALibrary(String line) {
        return line.matches(".*\\b(okhttp3|okio|kotlin|com\\.fasterxml|org\\.apache\\.hc|picocli)\\..*source:.*");
    }

    private static List<String> loggingClasses(String argument) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        argument)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().toList();
    }
}
