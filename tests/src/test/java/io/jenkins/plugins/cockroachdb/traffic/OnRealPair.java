package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What failbacks under load have in common: the servers, which are the same for all tests of a class. */
@NeedsPrograms({"haproxy", "pgbouncer", "postgres"})
@Timeout(180)
abstract class OnRealPair {

    @TempDir
    static Path servers;

    static RealPair pair;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServers() throws Exception {
        pair = new RealPair(servers);
    }

    @AfterAll
    static void endServers() throws Exception {
        pair.close();
    }
}
