package io.jenkins.plugins.cockroachdb.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of every command that talks to the cloud. There is none for the key: arguments show in process lists. */
final class ConnectionOptions {

    @Option(
            names = "--api-url",
            paramLabel = "URL",
            description =
                    "Where the CockroachDB Cloud API is; before COCKROACH_API_URL. Default: https://cockroachlabs.cloud")
    String apiUrl;

    @Option(
            names = "--ca-file",
            paramLabel = "PEM",
            description = "Certificate authorities to trust beside those of Java, for a company that inspects TLS.")
    Path caFile;
}
