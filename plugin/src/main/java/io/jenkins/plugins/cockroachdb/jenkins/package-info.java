/**
 * The Jenkins plugin: the steps of {@link io.jenkins.plugins.cockroachdb.failback.step.CloudSteps} in a pipeline, the
 * configuration of clouds, and the credentials.
 *
 * <p>A step here adds to its contract only what Jenkins needs: its parameters as a form, its progress in the build, what it
 * shows in log and flow graph. {@link io.jenkins.plugins.cockroachdb.jenkins.CloudStepExecution} does it for all of them.
 *
 * <p>What is persisted, in the configuration or in a build, is made of this package's own classes and of text, numbers, lists
 * and maps: Jenkins refuses classes of bundled jars there (JEP-200).
 */
package io.jenkins.plugins.cockroachdb.jenkins;
