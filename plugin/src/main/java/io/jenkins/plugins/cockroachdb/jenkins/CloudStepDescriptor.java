package io.jenkins.plugins.cockroachdb.jenkins;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import hudson.AbortException;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Queue;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.queue.Tasks;
import hudson.security.ACL;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cockroachdb.failback.step.Parameter;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;
import org.springframework.security.core.Authentication;

/** What the descriptors of all cloud steps have in common. */
abstract class CloudStepDescriptor extends StepDescriptor {

    private final StepContract contract;
    private final Set<Class<?>> context;

    /** @param moreContext what the step needs around it beyond a build */
    CloudStepDescriptor(StepContract contract, Class<?>... moreContext) {
        this.contract = contract;
        this.context = Stream.concat(Stream.of(Run.class, FlowNode.class, TaskListener.class), Stream.of(moreContext))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public final String getFunctionName() {
        return contract.name();
    }

    @Override
    public final Set<? extends Class<?>> getRequiredContext() {
        return context;
    }

    /**
     * Refuses unknown parameters, which Jenkins itself only warns of: one that was misspelled is one that does not hold.
     *
     * @throws AbortException if there are any
     */
    @Override
    @SuppressWarnings("deprecation") // what takes its place can only answer with a stack trace
    public Step newInstance(Map<String, Object> arguments) throws Exception {
        List<String> known = contract.parameters().stream().map(Parameter::name).toList();
        for (String name : arguments.keySet()) {
            if (!name.isEmpty() && !known.contains(name)) {
                throw new AbortException(contract.name() + ": There is no parameter " + name + "; there are "
                        + known.stream().collect(Collectors.joining(", ")) + ". Nothing was sent.");
            }
        }
        return super.newInstance(arguments);
    }

    static boolean maySelect(Item item) {
        return item == null
                ? Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : item.hasPermission(Item.EXTENDED_READ) || item.hasPermission(CredentialsProvider.USE_ITEM);
    }

    /** The names of the clouds. */
    @POST
    public ListBoxModel doFillCloudItems(@AncestorInPath Item item, @QueryParameter String cloud) {
        ListBoxModel items = new ListBoxModel();
        items.add(Messages.CloudStepDescriptor_default(), "");
        if (maySelect(item)) {
            CloudConfiguration.get().names().forEach(items::add);
        } else if (Util.fixEmpty(cloud) != null) {
            items.add(cloud);
        }
        return items;
    }

    /** Tells whether there is such a cloud. */
    @POST
    public FormValidation doCheckCloud(@AncestorInPath Item item, @QueryParameter String value) {
        String name = Util.fixEmptyAndTrim(value);
        return !maySelect(item) || CloudConfiguration.get().place(name).isPresent()
                ? FormValidation.ok()
                : FormValidation.error(
                        name == null
                                ? Messages.CloudStepDescriptor_noClouds()
                                : Messages.CloudStepDescriptor_noCloud(name));
    }

    /** The secret texts that a build of the job may use. */
    @POST
    public ListBoxModel doFillCredentialsIdItems(
            @AncestorInPath Item item, @QueryParameter String cloud, @QueryParameter String credentialsId) {
        StandardListBoxModel items = new StandardListBoxModel();
        if (!maySelect(item)) {
            return items.includeCurrentValue(credentialsId);
        }
        items.includeEmptyValue();
        if (item == null) {
            items.includeMatchingAs(
                    ACL.SYSTEM2,
                    Jenkins.get(),
                    StringCredentials.class,
                    requirements(cloud),
                    CredentialsMatchers.always());
        } else {
            items.includeMatchingAs(
                    runsAs(item), item, StringCredentials.class, requirements(cloud), CredentialsMatchers.always());
        }
        return items.includeCurrentValue(credentialsId);
    }

    /** Tells whether a build of the job may use it. */
    @POST
    public FormValidation doCheckCredentialsId(
            @AncestorInPath Item item, @QueryParameter String cloud, @QueryParameter String value) {
        String id = Util.fixEmptyAndTrim(value);
        if (!maySelect(item) || id == null) {
            return FormValidation.ok();
        }
        if (id.startsWith("${") && id.endsWith("}")) {
            return FormValidation.ok(Messages.CloudStepDescriptor_parameter());
        }
        List<DomainRequirement> requirements = requirements(cloud);
        ListBoxModel found = item == null
                ? CredentialsProvider.listCredentialsInItemGroup(
                        StringCredentials.class,
                        Jenkins.get(),
                        ACL.SYSTEM2,
                        requirements,
                        CredentialsMatchers.withId(id))
                : CredentialsProvider.listCredentialsInItem(
                        StringCredentials.class, item, runsAs(item), requirements, CredentialsMatchers.withId(id));
        return found.isEmpty()
                ? FormValidation.error(Messages.CloudStepDescriptor_noCredentials(id))
                : FormValidation.ok();
    }

    static Authentication runsAs(Item item) {
        return item instanceof Queue.Task task ? Tasks.getAuthenticationOf2(task) : ACL.SYSTEM2;
    }

    private static List<DomainRequirement> requirements(String cloud) {
        Optional<CloudSessions.Place> place = CloudConfiguration.get().place(Util.fixEmptyAndTrim(cloud));
        return URIRequirementBuilder.fromUri(
                        place.map(found -> found.url().toString()).orElse(""))
                .build();
    }
}
