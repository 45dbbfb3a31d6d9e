package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Serves a simulated cloud until the process is stopped or the thread interrupted. */
@Command(
        name = "simulate",
        description = {
            "Serves a simulated CockroachDB Cloud on this machine, in which a failover has just happened,"
                    + " until it is stopped (Ctrl-C).",
            "Prints the settings that lead the other commands there."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  failback simulate > simulator.env &",
            "  source simulator.env && failback status",
            "",
            "  failback simulate --port 8080 --time-scale 60"
        })
final class SimulateCommand implements Callable<Integer> {

    private static final int LARGEST_PORT = 65535;

    private final Shell shell;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "TCP port on the loopback interface. Default: any that is free.")
    private int port;

    @Option(
            names = "--time-scale",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many times quicker than real the simulated processes are; the clock stays true."
                    + " Default: 1.")
    private double timeScale;

    SimulateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (port < 0 || port > LARGEST_PORT) {
            throw new UsageException("--port is " + port + ", not from 0 to " + LARGEST_PORT + ".");
        }
        if (!(timeScale > 0) || Double.isInfinite(timeScale)) {
            throw new UsageException("--time-scale is " + timeScale + ", not a number above 0.");
        }
        CloudSettings settings = CloudSettings.defaults().fasterBy(timeScale);
        Scene scene = SimulatedCloud.afterFailover(InstantSource.system(), settings, new SecureRandom());
        try (SimulatorServer server = listen(new SimulatedEndpoint(scene.cloud(), new Faults()))) {
            Console console = shell.console();
            console.reveal("export COCKROACH_API_URL=" + server.uri());
            console.reveal("export COCKROACH_API_SECRET_KEY=" + scene.key());
            console.reveal("export PRIMARY_CLUSTER_ID=" + scene.originalPrimaryId());
            console.reveal("export STANDBY_CLUSTER_ID=" + scene.activeId());
            console.err("The simulator serves until it is stopped (Ctrl-C). The lines above lead failback to it;"
                    + " set them in another terminal.");
            awaitInterruption();
        }
        return ExitCode.OK;
    }

    private SimulatorServer listen(SimulatedEndpoint endpoint) {
        try {
            return SimulatorServer.start(endpoint, port);
        } catch (IOException e) {
            throw new FailedException("Cannot listen on port " + port + ": " + e.getMessage() + ".");
        }
    }

    /** A signal ends the whole process at once, and the sockets with it. */
    private static void awaitInterruption() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // The way to stop a simulator within a process that goes on.
        }
    }
}
