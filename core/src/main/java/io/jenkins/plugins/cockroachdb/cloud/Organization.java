package io.jenkins.plugins.cockroachdb.cloud;

/**
 * Who an API key belongs to.
 *
 * @param id never null
 * @param name never null
 * @param label the short name in the console's addresses; null when the API leaves it out
 */
public record Organization(String id, String name, String label) {}
