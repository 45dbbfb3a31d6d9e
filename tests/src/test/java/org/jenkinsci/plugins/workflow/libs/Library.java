package org.jenkinsci.plugins.workflow.libs;

/** Loads a shared library into a pipeline. */
public @interface Library {
    String[] value();
}
