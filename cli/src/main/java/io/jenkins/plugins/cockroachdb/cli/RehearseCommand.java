package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.Version;
import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport.Connection;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.report.Measures;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedApplication;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A whole failback against a simulated cloud in this process, with clients that write: to see it before the night it counts. All but
 * the cloud is what {@link FullCommand} uses, the proxy too where HAProxy is installed.
 */
@Command(
        name = "rehearse",
        description = {
            "Rehearses a whole failback on a simulated cloud within this process. No cluster and no key are needed, and no"
                    + " network is used but this machine's own.",
            "A simulated application writes all the time, through a real HAProxy where one is installed, and its writes are counted in the end: exit code 0 only when no"
                    + " acknowledged write is missing. Takes less than a minute."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback rehearse", "  failback rehearse --yes", "  failback rehearse --yes --time-scale 10"})
final class RehearseCommand implements Callable<Integer> {

    private static final String LABEL = "[simulated] ";
    private static final long WRITE_EVERY_MILLIS = 20;

    private final Shell shell;

    @Option(
            names = {"-y", "--yes"},
            description = "Approves every gate in advance.")
    private boolean yes;

    @Option(
            names = "--time-scale",
            paramLabel = "N",
            defaultValue = "60",
            description = "How many times quicker than real the simulated processes are. Default: 60.")
    private double timeScale;

    RehearseCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(timeScale > 0) || Double.isInfinite(timeScale)) {
            throw new UsageException("--time-scale is " + timeScale + ", not a number above 0.");
        }
        if (!yes && shell.terminal().isEmpty()) {
            shell.console()
                    .err("There is no terminal to ask at. To approve every gate in advance: " + shell.program()
                            + " rehearse --yes");
            return Outcome.REFUSED.exitCode();
        }
        Display display = new LabelledDisplay(Display.of(shell, Display.Output.TEXT), LABEL);
        Conclusion conclusion = rehearse(display);
        display.conclude(conclusion);
        return conclusion.outcome().exitCode();
    }

    private Conclusion rehearse(Display display) throws IOException, InterruptedException {
        CloudSettings pace = CloudSettings.defaults().fasterBy(timeScale);
        Scene scene = SimulatedCloud.afterFailover(shell.clock(), pace, new SecureRandom());
        Path temp = Path.of(shell.environment().getOrDefault("TMPDIR", System.getProperty("java.io.tmpdir")));
        Path directory = Files.createTempDirectory(temp, "failback-rehearsal-");
        ScheduledExecutorService writer = shell.timers().get();
        try (SimulatorServer server = SimulatorServer.start(new SimulatedEndpoint(scene.cloud(), new Faults()), 0);
                CloudSession session = CloudSession.open(settings(server, scene), shell);
                RehearsedWay way = way(scene, directory, session);
                RecordFile record = RecordFile.open(
                        directory,
                        scene.originalPrimaryId(),
                        scene.activeId(),
                        "rehearsal on a simulated cloud, cli " + Version.text(),
                        shell.clock())) {
            SimulatedApplication application = new SimulatedApplication("order", way::write, shell.clock());
            writer.scheduleAtFixedRate(application::write, 0, WRITE_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            display.show(new Event.Doing(
                    shell.clock().instant(),
                    "A failover has just happened, and an application writes all the time, through " + way.words()
                            + ".",
                    null));
            List<Proxy> proxies = List.of(way.proxy());
            return new FailbackRun(
                            shell,
                            session,
                            shell.program() + " rehearse",
                            proxies,
                            new Approver(shell, display, yes, directory, shell.program() + " rehearse --yes", proxies),
                            record,
                            io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT,
                            display)
                    .toTheEnd(finish -> concluded(finish, scene, application, record));
        } finally {
            writer.shutdownNow();
        }
    }

    private RehearsedWay way(Scene scene, Path directory, CloudSession session) throws InterruptedException {
        Optional<Path> program = HaProxyWay.program(shell);
        if (program.isPresent()) {
            try {
                return HaProxyWay.start(program.get(), directory, scene, shell, Variables.of(shell), session.timer());
            } catch (IOException e) {
                return new MemoryWay(scene, e.getMessage());
            }
        }
        return new MemoryWay(scene, "no HAProxy is installed here");
    }

    private static Settings settings(SimulatorServer server, Scene scene) {
        return new Settings(
                ApiUrl.of(server.uri().toString()),
                ApiKey.of(scene.key()),
                scene.originalPrimaryId(),
                scene.activeId(),
                Connection.DEFAULT);
    }

    private static Conclusion concluded(
            Action.Finish finish, Scene scene, SimulatedApplication application, RecordFile record) {
        application.write(); // at least one more after the way home
        SimulatedApplication.Tally tally = application.tally(scene.cloud(), scene.originalPrimaryId());
        List<String> advice = new ArrayList<>(List.of("Of " + tally.attempted() + " writes, " + tally.acknowledged()
                + " were acknowledged, and " + tally.lost()
                + " of these are missing on the original primary. The others met the fence, as their clients know."));
        Duration pause = Measures.of(record.record()).writePause();
        if (pause != null) {
            advice.add("Nobody could write for " + Durations.words(pause) + ".");
        }
        ReportFiles files = ReportFiles.beside(record.file());
        Path report = null;
        try {
            files.write(record.record(), "Simulated: a rehearsal, in which no real cluster took part.\n\n");
            report = files.report();
            advice.add("Summary: " + files.summary());
        } catch (IOException e) {
            advice.add("The report could not be written (" + e + "). The record has everything.");
        }
        Outcome outcome = finish.outcome() == Outcome.COMPLETED && tally.lost() > 0 ? Outcome.FAILED : finish.outcome();
        return new Conclusion(outcome, finish.message(), advice, record.file(), report);
    }
}
