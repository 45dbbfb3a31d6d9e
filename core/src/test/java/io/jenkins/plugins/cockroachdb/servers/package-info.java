/** Servers from this machine's packages (HAProxy, PgBouncer, PostgreSQL), run by tests on loopback. */
package io.jenkins.plugins.cockroachdb.servers;
