/**
 * The traffic between applications and the two clusters: fenced before a cutover, released after it.
 *
 * <p>This package uses the JDK alone, so that it can run on a Jenkins agent.
 */
package io.jenkins.plugins.cockroachdb.proxy;
