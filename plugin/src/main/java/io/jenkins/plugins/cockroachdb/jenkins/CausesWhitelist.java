package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Extension;
import java.io.IOException;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.ProxyWhitelist;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.StaticWhitelist;

/**
 * Lets a pipeline in the sandbox ask an exception for its causes, to read the {@link StepFailureCause} in it. Jenkins itself does
 * not.
 */
@Extension
public final class CausesWhitelist extends ProxyWhitelist {

    public CausesWhitelist() throws IOException {
        super(new StaticWhitelist("method org.jenkinsci.plugins.workflow.steps.FlowInterruptedException getCauses"));
    }
}
