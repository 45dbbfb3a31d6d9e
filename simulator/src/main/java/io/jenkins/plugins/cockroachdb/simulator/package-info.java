/** A stand-in for CockroachDB Cloud. */
package io.jenkins.plugins.cockroachdb.simulator;
