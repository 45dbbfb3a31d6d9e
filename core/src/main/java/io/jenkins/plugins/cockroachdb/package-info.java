/**
 * What every part of the failback shares. The story is told by the packages below: {@code cloud} talks to the
 * CockroachDB Cloud API, {@code proxy} moves traffic.
 */
package io.jenkins.plugins.cockroachdb;
