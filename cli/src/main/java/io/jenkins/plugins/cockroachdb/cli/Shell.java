package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.RetryPolicy;
import java.nio.file.Path;
import java.util.Map;

/**
 * The world around a command.
 *
 * @param environment the environment variables of the process
 * @param directory the current directory
 * @param retries how patiently the cloud is read
 */
record Shell(Map<String, String> environment, Path directory, Console console, RetryPolicy retries) {

    Shell(Map<String, String> environment, Path directory, Console console) {
        this(environment, directory, console, RetryPolicy.DEFAULT);
    }
}
