/**
 * The shared library and the Jenkinsfile, run by the engine that runs pipelines in Jenkins, without Jenkins. Its classes that a pipeline
 * names ({@code hudson}, {@code jenkins}, {@code org.jenkinsci}) stand beside this package, as far as a pipeline sees them.
 */
package io.jenkins.plugins.cockroachdb.pipeline;
