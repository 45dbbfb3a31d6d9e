package io.jenkins.plugins.cockroachdb.cli;

import picocli.CommandLine.Option;

/** The option of every command that only looks and whose result a program may want to read. */
final class OutputOption {

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "What the result is: text, or one JSON object on one line. Default: text.")
    private Display.Output output;

    boolean isJson() {
        return output == Display.Output.JSON;
    }
}
