package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.model.Slave;
import java.io.IOException;
import jenkins.security.MasterToSlaveCallable;

/** The process of an agent, to be killed as a power cut would. */
final class AgentProcess extends MasterToSlaveCallable<Long, IOException> {

    private static final long serialVersionUID = 1L;

    private AgentProcess() {}

    static ProcessHandle of(Slave agent) throws Exception {
        return ProcessHandle.of(agent.getChannel().call(new AgentProcess())).orElseThrow();
    }

    @Override
    public Long call() {
        return ProcessHandle.current().pid();
    }
}
