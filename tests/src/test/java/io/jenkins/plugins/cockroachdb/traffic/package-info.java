/**
 * Whole failbacks under load: writers, real proxies and real servers that play the clusters; only the cloud is simulated. No write that
 * was acknowledged may be missing in the end.
 */
package io.jenkins.plugins.cockroachdb.traffic;
