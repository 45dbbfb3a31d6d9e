/**
 * The break-glass command, for the night when Jenkins is down too.
 *
 * <p>{@link io.jenkins.plugins.cockroachdb.cli.Main} answers {@code --version} by itself and leaves the rest to {@link
 * io.jenkins.plugins.cockroachdb.cli.FailbackCommand}, which maps every outcome to its exit code. What a command needs of
 * the process around it (environment, current directory, output) is a {@link io.jenkins.plugins.cockroachdb.cli.Shell}, so
 * a test runs the whole program in its own process.
 */
package io.jenkins.plugins.cockroachdb.cli;
