package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaProxyConfigurationTest {

    @TempDir
    private Path directory;

    private final Map<String, String> variables = Map.of("STATE", "/srv/state");

    private HaProxyConfiguration read(String... files) throws Exception {
        List<Path> paths = new ArrayList<>();
        for (String text : files) {
            paths.add(Files.writeString(directory.resolve(paths.size() + ".cfg"), text));
        }
        return HaProxyConfiguration.read(paths, "b");
    }

    private Optional<Path> stateFile(String... files) throws Exception {
        return read(files).stateFile(name -> Optional.ofNullable(variables.get(name)));
    }

    @Test
    void theLastDefaultsBeforeTheBackendCountAndTheBackendCountsMore() throws Exception {
        String global = "global\n  server-state-file /a\n";
        String load = "defaults\n  load-server-state-from-file global\n";
        assertThat(stateFile(global + load + "backend b\n")).contains(Path.of("/a"));
        assertThat(stateFile(global + "listen b\n  load-server-state-from-file global\n"))
                .contains(Path.of("/a"));
        assertThat(stateFile(global, load, "frontend b\nbackend b\n")).contains(Path.of("/a"));
        assertThat(stateFile(global + load + "defaults\n  mode tcp\nbackend b\n"))
                .isEmpty();
        assertThat(stateFile(global + load + "backend b\n  load-server-state-from-file none\n"))
                .isEmpty();
        assertThat(stateFile(global + load + "backend b\n  load-server-state-from-file local\n"))
                .isEmpty();
        assertThat(stateFile(global + "backend b\n" + load)).as("too late").isEmpty();
        assertThat(stateFile(load + "backend b\n")).isEmpty();
        assertThat(stateFile(global
                        + "defaults one\n  load-server-state-from-file global\ndefaults two\nbackend b from one\n"))
                .contains(Path.of("/a"));
    }

    @Test
    void pathsMayBeQuotedRelativeAndVariable() throws Exception {
        String rest = "\ndefaults\n  load-server-state-from-file global # as it should be\nbackend b\n";
        assertThat(stateFile("global\n  server-state-file \"/with space\" # here" + rest))
                .contains(Path.of("/with space"));
        assertThat(stateFile("global\n  server-state-base /base\n  server-state-file one" + rest))
                .contains(Path.of("/base/one"));
        assertThat(stateFile("global\n  server-state-file \"${STATE}\"" + rest)).contains(Path.of("/srv/state"));
        assertThat(stateFile("global\n  server-state-file \"$STATE/x\"" + rest)).contains(Path.of("/srv/state/x"));
        assertThat(stateFile("global\n  server-state-file \"${NONE-/or/this}\"" + rest))
                .contains(Path.of("/or/this"));
        assertThat(stateFile("global\n  #server-state-file /commented" + rest)).isEmpty();
    }

    @Test
    void whatReachesServersInMaintenanceIsFoundWhereItCounts() throws Exception {
        assertThat(read("defaults\n  option persist\nbackend b\n").pastMaintenance())
                .contains("option persist");
        assertThat(read("defaults\n  option persist\nbackend b\n  no option persist\n")
                        .pastMaintenance())
                .isEmpty();
        assertThat(read("backend b\n  force-persist if { src 10.0.0.1 }\n").pastMaintenance())
                .contains("force-persist");
        assertThat(read("backend c\n  option persist\nbackend b\n").pastMaintenance())
                .isEmpty();
        assertThat(read("backend c\n").knowsBackend()).isFalse();
    }
}
