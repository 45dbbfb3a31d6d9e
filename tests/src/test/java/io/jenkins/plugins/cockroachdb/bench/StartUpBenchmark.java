package io.jenkins.plugins.cockroachdb.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Start-up of the command as multiples of {@code java -version}, taken in turns within one run, because machines are noisy
 * and only ratios travel.
 */
public final class StartUpBenchmark {

    private static final int ROUNDS = 21;

    private StartUpBenchmark() {}

    /**
     * Prints rows of a Markdown table: what, measured, limit.
     *
     * @param args the path of {@code bin/failback}
     */
    public static void main(String[] args) throws Exception {
        String failback = Path.of(args[0]).toAbsolutePath().toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process simulator = new ProcessBuilder(failback, "simulate", "--port", "0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Map<String, String> environment = exported(simulator);
            Map<String, List<String>> commands = new LinkedHashMap<>();
            commands.put("java -version", List.of(java, "-version"));
            commands.put("bin/failback --version", List.of(failback, "--version"));
            commands.put("bin/failback status", List.of(failback, "status"));
            Map<String, double[]> times = measure(commands, environment);

            double java1 = median(times.get("java -version"));
            row("java -version, median of " + ROUNDS + " (ms)", Math.round(java1), "");
            ratio("bin/failback --version", times, java1, "5 times");
            ratio("bin/failback status", times, java1, "15 times");
        } finally {
            simulator.destroy();
            simulator.waitFor();
        }
    }

    /** The settings that {@code simulate} prints as {@code export NAME=value} lines. */
    private static Map<String, String> exported(Process simulator) throws IOException {
        Map<String, String> environment = new HashMap<>();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(simulator.getInputStream(), StandardCharsets.UTF_8));
        while (environment.size() < 4) {
            String line = lines.readLine();
            if (line == null) {
                throw new IOException("bin/failback simulate ended before it printed its settings");
            }
            String[] assignment = line.replaceFirst("^export ", "").split("=", 2);
            environment.put(assignment[0], assignment[1]);
        }
        return environment;
    }

    private static Map<String, double[]> measure(Map<String, List<String>> commands, Map<String, String> environment)
            throws Exception {
        Map<String, double[]> times = new HashMap<>();
        commands.keySet().forEach(name -> times.put(name, new double[ROUNDS]));
        for (int round = -1; round < ROUNDS; round++) { // the first round warms the disk's cache
            Thread.sleep(300); // or quick rounds would meet the simulator's rate limit
            for (Map.Entry<String, List<String>> command : commands.entrySet()) {
                ProcessBuilder builder = new ProcessBuilder(command.getValue())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
                builder.environment().putAll(environment);
                long begin = System.nanoTime();
                int exit = builder.start().waitFor();
                if (exit != 0) {
                    throw new IOException(command.getKey() + " ended with " + exit);
                }
                if (round >= 0) {
                    times.get(command.getKey())[round] = (System.nanoTime() - begin) / 1e6;
                }
            }
        }
        return times;
    }

    private static void ratio(String name, Map<String, double[]> times, double java, String limit) {
        double median = median(times.get(name));
        row(name + ", median (ms)", Math.round(median), "");
        row(name + ", in times of java -version", Math.round(median / java * 10) / 10.0, limit);
    }

    private static void row(String what, Object measured, String limit) {
        System.out.println("| " + what + " | " + measured + " | " + limit + " |");
    }

    private static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
