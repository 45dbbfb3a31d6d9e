package io.jenkins.plugins.cockroachdb.jenkins;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import hudson.AbortException;
import hudson.Extension;
import hudson.FilePath;
import hudson.Util;
import hudson.model.Computer;
import hudson.model.Item;
import hudson.model.Run;
import hudson.remoting.RequestAbortedException;
import hudson.remoting.VirtualChannel;
import hudson.security.ACL;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import io.jenkins.plugins.cockroachdb.failback.step.FailbackSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.SimulatedDescription;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code redirectProxy}: looks at the proxies that the agent reaches, or moves their traffic. */
public final class RedirectProxyStep extends CloudStep {

    private final String action;
    private String proxies;
    private String only;
    private boolean atOnce;
    private boolean examine;
    private String activeSqlDns;
    private String originalPrimarySqlDns;
    private int drainSeconds = 10;
    private int proxyTimeoutSeconds = 30;
    private String streamId;
    private String activeClusterId;
    private String originalPrimaryClusterId;
    private String proxyCredentialsId;

    @DataBoundConstructor
    public RedirectProxyStep(String action) {
        this.action = action;
    }

    /** What to do: status, fence, unfence or release. */
    public String getAction() {
        return action;
    }

    /** A description on each line. */
    public String getProxies() {
        return proxies;
    }

    @DataBoundSetter
    public void setProxies(String proxies) {
        this.proxies = Util.fixEmptyAndTrim(proxies);
    }

    /** A name on each line; null for all. */
    public String getOnly() {
        return only;
    }

    @DataBoundSetter
    public void setOnly(String only) {
        this.only = Util.fixEmptyAndTrim(only);
    }

    /** Whether a fence gives nobody time to finish. */
    public boolean isAtOnce() {
        return atOnce;
    }

    @DataBoundSetter
    public void setAtOnce(boolean atOnce) {
        this.atOnce = atOnce;
    }

    /** Whether to look at more than where traffic is. */
    public boolean isExamine() {
        return examine;
    }

    @DataBoundSetter
    public void setExamine(boolean examine) {
        this.examine = examine;
    }

    /** SQL DNS name of the active cluster; null when nobody is to tell who answers. */
    public String getActiveSqlDns() {
        return activeSqlDns;
    }

    @DataBoundSetter
    public void setActiveSqlDns(String activeSqlDns) {
        this.activeSqlDns = Util.fixEmptyAndTrim(activeSqlDns);
    }

    /** SQL DNS name of the original primary; null when nobody is to tell who answers. */
    public String getOriginalPrimarySqlDns() {
        return originalPrimarySqlDns;
    }

    @DataBoundSetter
    public void setOriginalPrimarySqlDns(String originalPrimarySqlDns) {
        this.originalPrimarySqlDns = Util.fixEmptyAndTrim(originalPrimarySqlDns);
    }

    /** How long, in seconds, sessions may finish by themselves. */
    public int getDrainSeconds() {
        return drainSeconds;
    }

    @DataBoundSetter
    public void setDrainSeconds(int drainSeconds) {
        this.drainSeconds = drainSeconds;
    }

    /** How long, in seconds, one proxy may take beyond the drain. */
    public int getProxyTimeoutSeconds() {
        return proxyTimeoutSeconds;
    }

    @DataBoundSetter
    public void setProxyTimeoutSeconds(int proxyTimeoutSeconds) {
        this.proxyTimeoutSeconds = proxyTimeoutSeconds;
    }

    /** Id of the stream that is read before clients are sent anywhere; null when the pair is given. */
    public String getStreamId() {
        return streamId;
    }

    @DataBoundSetter
    public void setStreamId(String streamId) {
        this.streamId = Util.fixEmptyAndTrim(streamId);
    }

    /** Id of the cluster that serves; null when the stream is given. */
    public String getActiveClusterId() {
        return activeClusterId;
    }

    @DataBoundSetter
    public void setActiveClusterId(String activeClusterId) {
        this.activeClusterId = Util.fixEmptyAndTrim(activeClusterId);
    }

    /** Id of the cluster that served before the failover; null when the stream is given. */
    public String getOriginalPrimaryClusterId() {
        return originalPrimaryClusterId;
    }

    @DataBoundSetter
    public void setOriginalPrimaryClusterId(String originalPrimaryClusterId) {
        this.originalPrimaryClusterId = Util.fixEmptyAndTrim(originalPrimaryClusterId);
    }

    /** Id of user name and password for PgBouncer, or {@code ${PARAMETER}} of the build; null for none. */
    public String getProxyCredentialsId() {
        return proxyCredentialsId;
    }

    @DataBoundSetter
    public void setProxyCredentialsId(String proxyCredentialsId) {
        this.proxyCredentialsId = Util.fixEmptyAndTrim(proxyCredentialsId);
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("action", action);
        given.put("proxies", proxies);
        given.put("only", only);
        given.put("atOnce", atOnce);
        given.put("examine", examine);
        given.put("activeSqlDns", activeSqlDns);
        given.put("originalPrimarySqlDns", originalPrimarySqlDns);
        given.put("drainSeconds", drainSeconds);
        given.put("proxyTimeoutSeconds", proxyTimeoutSeconds);
        given.put("streamId", streamId);
        given.put("activeClusterId", activeClusterId);
        given.put("originalPrimaryClusterId", originalPrimaryClusterId);
        given.put("proxyCredentialsId", proxyCredentialsId);
        return given;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new Execution(context, given());
    }

    static final class Execution extends CloudStepExecution {

        private static final long serialVersionUID = 1L;

        /** How long an answer may take on its way. */
        private static final Duration GRACE = Duration.ofSeconds(10);

        /** How often it is looked, after a restart, whether the agent is there again. */
        private static final Duration AGAIN = Duration.ofSeconds(1);

        private transient boolean resumed;

        Execution(StepContext context, HashMap<String, Object> given) throws AbortException {
            super(context, given);
        }

        @Override
        StepContract contract() {
            return FailbackSteps.REDIRECT_PROXY;
        }

        @Override
        public boolean start() throws Exception {
            boolean isReal = ProxyErrand.parse(texts()).stream().anyMatch(proxy -> !isHere(proxy));
            if (isReal && getContext().get(Computer.class) instanceof Jenkins.MasterComputer) {
                throw new AbortException(
                        contract().name() + ": This is the built-in node, and Jenkins itself connects to no"
                                + " proxy. Run the step on an agent that reaches the proxies. Nothing was done.");
            }
            return super.start();
        }

        @Override
        public void onResume() {
            resumed = true;
            super.onResume();
        }

        @Override
        CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
            // A person may have been at work since the restart: what to do is decided anew.
            ProxyErrand now = resumed ? errand.lookingOnly() : errand;
            ProxyErrand here = now.where(this::isHere);
            ProxyErrand there = now.where(proxy -> !isHere(proxy));
            CompletableFuture<List<SeenProxy>> seenHere = atSimulated(here);
            CompletableFuture<List<SeenProxy>> seenThere =
                    there.proxies().isEmpty() ? CompletableFuture.completedFuture(List.of()) : atAgent(there);
            CompletableFuture<List<SeenProxy>> end = seenHere.thenCombine(seenThere, (simulated, real) -> {
                List<SeenProxy> all = new ArrayList<>(simulated);
                all.addAll(real);
                return told(now.verb(), all);
            });
            end.whenComplete((seen, failure) -> {
                if (end.isCancelled()) {
                    seenThere.cancel(true);
                }
            });
            return end;
        }

        /** Whether it is the proxy of the simulated cloud, which is within this Jenkins. */
        private boolean isHere(ProxyDescription proxy) {
            return proxy instanceof SimulatedDescription
                    && CloudConfiguration.get()
                            .place((String) given().get("cloud"))
                            .filter(CloudSessions.Place::simulated)
                            .isPresent();
        }

        private CompletableFuture<List<SeenProxy>> atSimulated(ProxyErrand errand) {
            ScheduledExecutorService timer = CloudSessions.get().timer();
            return errand.at(proxy -> SimulatedPair.get().proxy((SimulatedDescription) proxy, timer));
        }

        private CompletableFuture<List<SeenProxy>> atAgent(ProxyErrand errand) {
            CompletableFuture<List<SeenProxy>> end = new CompletableFuture<>();
            CloudSessions sessions = CloudSessions.get();
            try {
                Future<?> call = Computer.threadPoolForRemoting.submit(() -> send(errand, sessions, end));
                Duration most = errand.atMost().plus(GRACE);
                ScheduledFuture<?> limit = sessions.timer()
                        .schedule(
                                () -> {
                                    end.complete(errand.unknown("Agent " + agent() + " gave no answer within "
                                            + most.toSeconds() + " s." + unknownFate(errand)));
                                    call.cancel(true);
                                },
                                most.toMillis(),
                                TimeUnit.MILLISECONDS);
                end.whenComplete((seen, failure) -> {
                    limit.cancel(false);
                    if (end.isCancelled()) {
                        call.cancel(true);
                    }
                });
            } catch (RejectedExecutionException e) {
                end.cancel(false); // Jenkins is shutting down
            }
            return end;
        }

        /** Sends the errand to the agent and waits for its end. */
        private void send(ProxyErrand errand, CloudSessions sessions, CompletableFuture<List<SeenProxy>> end) {
            try {
                Optional<ProxyErrand.Login> login =
                        ProxyLogin.find(getContext().get(Run.class), (String) given().get("proxyCredentialsId"));
                VirtualChannel channel = channel(errand);
                List<String> texts = texts().stream()
                        .filter(text -> !isHere(ProxyDescription.parse(text)))
                        .toList();
                List<Map<String, Object>> seen = channel.call(new ProxyCall(texts, errand, login));
                end.complete(seen.stream()
                        .map(map -> SeenProxy.ofMap(map).orElseThrow())
                        .toList());
            } catch (KeyLookup.NoKeyException e) {
                end.completeExceptionally(e);
            } catch (IOException | RequestAbortedException e) {
                if (sessions.isClosed()) {
                    return; // Jenkins is shutting down, and with it its agents; the step resumes with the next one
                }
                end.complete(errand.unknown(
                        "Agent " + agent() + " is not there (" + e.getMessage() + ")." + unknownFate(errand)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // it was stopped, or is late
            } catch (ExecutionException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        }

        private static String unknownFate(ProxyErrand errand) {
            return errand.verb()
                    .map(verb -> " Whether " + verb.word() + " happened is not known.")
                    .orElse("");
        }

        /** To the agent. After a restart it is given time to come back. */
        private VirtualChannel channel(ProxyErrand errand) throws IOException, InterruptedException {
            Instant until = Instant.now().plus(resumed ? errand.limit() : Duration.ZERO);
            while (true) {
                FilePath place = getContext().get(FilePath.class);
                VirtualChannel channel = place == null ? null : place.getChannel();
                if (channel != null) {
                    return channel;
                }
                if (!Instant.now().isBefore(until)) {
                    throw new IOException("it is not connected");
                }
                TimeUnit.MILLISECONDS.sleep(AGAIN.toMillis());
            }
        }

        private String agent() {
            try {
                Computer computer = getContext().get(Computer.class);
                return computer == null ? "of this step" : computer.getName();
            } catch (IOException e) {
                return "of this step";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "of this step";
            }
        }

        private List<String> texts() {
            return ((String) given().getOrDefault("proxies", ""))
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        }

        private List<SeenProxy> told(Optional<Verb> verb, List<SeenProxy> proxies) {
            String words = proxies.stream()
                    .map(SeenProxy::seen)
                    .map(seen -> seen.name() + " " + seen.traffic().words()
                            + (seen.detail().isEmpty() ? "" : " (" + seen.detail() + ")"))
                    .collect(Collectors.joining("; "));
            print(verb.map(each -> "After " + each.word() + ": ").orElse("Traffic: ") + words + ".");
            return proxies;
        }

        private void print(String line) {
            StepNarrator.print(getContext(), Redaction.printable(line));
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        private static final List<String> LISTS = List.of("proxies", "only");

        public DescriptorImpl() {
            // Not a FilePath: without a connection to its agent there is none, and the step has to say so, not fail before it begins.
            super(FailbackSteps.REDIRECT_PROXY, Computer.class);
        }

        @Override
        public String getDisplayName() {
            return Messages.RedirectProxyStep_displayName();
        }

        /** Takes a list for what the form has as lines. */
        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            Map<String, Object> lines = new LinkedHashMap<>(arguments);
            for (String name : LISTS) {
                if (lines.get(name) instanceof List<?> list) {
                    lines.put(name, list.stream().map(String::valueOf).collect(Collectors.joining("\n")));
                }
            }
            return super.newInstance(lines);
        }

        /** What can be done. */
        @POST
        public ListBoxModel doFillActionItems() {
            ListBoxModel items = new ListBoxModel();
            Stream.concat(Stream.of("status"), Stream.of(Verb.values()).map(Verb::word))
                    .forEach(items::add);
            return items;
        }

        /** The user names and passwords that a build of the job may use. */
        @POST
        public ListBoxModel doFillProxyCredentialsIdItems(
                @AncestorInPath Item item, @QueryParameter String proxyCredentialsId) {
            StandardListBoxModel items = new StandardListBoxModel();
            if (!maySelect(item)) {
                return items.includeCurrentValue(proxyCredentialsId);
            }
            items.includeEmptyValue();
            if (item == null) {
                items.includeMatchingAs(
                        ACL.SYSTEM2,
                        Jenkins.get(),
                        StandardUsernamePasswordCredentials.class,
                        List.of(),
                        CredentialsMatchers.always());
            } else {
                items.includeMatchingAs(
                        runsAs(item),
                        item,
                        StandardUsernamePasswordCredentials.class,
                        List.of(),
                        CredentialsMatchers.always());
            }
            return items.includeCurrentValue(proxyCredentialsId);
        }
    }
}
