package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackDriver;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.junit.jupiter.InboundAgentExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** Jenkins dies behind a fence, somebody finishes the failback from a terminal, and Jenkins comes back. */
@NeedsPrograms("haproxy")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class HandOverTest {

    private static final InboundAgentExtension.Options AGENT =
            InboundAgentExtension.Options.newBuilder().name("edge").webSocket().build();

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension().withTimeout(900);

    @RegisterExtension
    private final InboundAgentExtension agents = new InboundAgentExtension();

    @TempDir
    private Path directory;

    @Test
    void itUnfencesNothingAndEndsAsCompleted() throws Throwable {
        CloudSettings slow = CloudSettings.defaults()
                .withStride(Duration.ofSeconds(1))
                .withStrideTransit(Duration.ofSeconds(10)) // as long, at least, as the fence stands before the cutover
                .withRevert(Duration.ofSeconds(2))
                .withRateLimitPerSecond(1000);
        try (EchoServer active = EchoServer.start("A");
                EchoServer original = EchoServer.start("P");
                RealHaProxy haproxy = RealHaProxy.start(directory.resolve("haproxy"), active, original);
                TestCloud cloud = new TestCloud(slow)) {
            haproxy.ask("set server cockroach_backend/standby state ready");
            cloud.replicating();
            String description = "haproxy:" + haproxy.socket() + "?name=edge&stateFile=" + haproxy.stateFile();
            jenkins.startJenkins();
            agents.createAgent(jenkins, AGENT);
            jenkins.runRemotely(
                    CrashTest.Remote::start,
                    "failback",
                    cloud.url(),
                    cloud.key,
                    "@Library('cockroachdb-failback') _\n"
                            + "def end = cockroachFailback(cloud: 'failback', activeClusterId: '" + cloud.active
                            + "', originalPrimaryClusterId: '" + cloud.original + "', agent: 'edge', drainSeconds: 0,"
                            + " proxies: ['" + description + "'])\n"
                            + "echo \"end ${end.outcome}\"");
            jenkins.runRemotely(OpenGates::approve, "failback", TestCloud.P);
            jenkins.runRemotely(OpenGates::awaitMessage, "failback", "After fence: edge fenced");
            jenkins.stopJenkinsForcibly();
            assertThat(EchoClient.whoAnswers(haproxy.port())).isEmpty();
            assertThat(cloud.patches()).isZero();

            assertThat(failbackFull(cloud, description).outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");
            assertThat(cloud.patches()).isEqualTo(1);

            jenkins.startJenkins();
            agents.start(jenkins, AGENT);
            String end = jenkins.runRemotely(OpenGates::end, "failback");
            assertThat(end).startsWith("SUCCESS").contains("end completed");
            assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");
            assertThat(cloud.patches()).isEqualTo(1);
            assertThat(cloud.posts()).isZero();
            assertThat(calls(jenkins.getHome().toPath())).containsExactly(Call.FENCE);
            jenkins.stopJenkins();
        }
    }

    /** What the build called, in its record. */
    private static List<Call> calls(Path home) throws Exception {
        Path records = home.resolve("jobs/failback/builds/1/cockroachdb-failback");
        return RecordFile.read(RecordFile.newest(records).orElseThrow()).entries().stream()
                .filter(Entry.Calling.class::isInstance)
                .map(entry -> ((Entry.Calling) entry).call())
                .toList();
    }

    /** As the command {@code failback full} does on another machine, with a person who approves. */
    private Action.Finish failbackFull(TestCloud cloud, String proxy) throws Exception {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        ExecutorService io = Executors.newCachedThreadPool();
        InstantSource clock = InstantSource.system();
        try (OkHttpTransport transport = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT);
                RecordFile record = RecordFile.open(
                        directory.resolve("records"), cloud.original, cloud.active, "a terminal", clock)) {
            CloudClient api = CloudClient.builder(ApiUrl.of(cloud.url()), () -> ApiKey.of(cloud.key), transport, timer)
                    .build();
            try (StreamWatcher watcher = new StreamWatcher(api, clock, timer)) {
                return new FailbackDriver(
                                api,
                                watcher,
                                List.of(ProxyDescription.parse(proxy)
                                        .connect(new ProxyEnvironment(name -> Optional.empty(), io, timer))),
                                question -> CompletableFuture.completedFuture(Gatekeeper.Reply.approvedBy("lead")),
                                record,
                                Settings.DEFAULT.toBuilder()
                                        .drain(Duration.ZERO)
                                        .proxyLimit(Duration.ofSeconds(5))
                                        .fenceLimit(
                                                Duration.ofSeconds(30)) // a fence that is not its own is watched longer
                                        .build(),
                                clock,
                                timer,
                                action -> {})
                        .run()
                        .get(5, TimeUnit.MINUTES);
            }
        } finally {
            timer.shutdownNow();
            io.shutdownNow();
        }
    }
}
