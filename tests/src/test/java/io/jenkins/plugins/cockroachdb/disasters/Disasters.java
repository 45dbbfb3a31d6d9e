package io.jenkins.plugins.cockroachdb.disasters;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The command {@code bin/disasters}: plays schedules and tells what came of them. */
public final class Disasters {

    private Disasters() {}

    /** Exits with 1 when an invariant was violated. */
    public static void main(String[] args) {
        Map<String, String> options = options(args);
        if (options.containsKey("mutants")) {
            System.exit(huntMutants(options) ? 0 : 1);
        }
        if (options.containsKey("until-violated")) {
            untilViolated(Long.parseLong(options.get("until-violated")));
            return;
        }
        if (options.containsKey("seed")) {
            System.exit(playOne(options) ? 0 : 1);
        }
        System.exit(playMany(options) ? 0 : 1);
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        return options;
    }

    private static boolean playOne(Map<String, String> options) {
        long seed = Long.parseLong(options.get("seed"));
        Schedule schedule = options.containsKey("only")
                ? Schedule.of(
                        seed,
                        Arrays.stream(options.get("only").split(","))
                                .filter(number -> !number.isEmpty())
                                .map(Integer::valueOf)
                                .toList())
                : Schedule.of(seed);
        Play.Result result = Play.of(schedule, true);
        result.trace().forEach(System.out::println);
        System.out.println(result.outcomes() + " " + result.violations());
        return result.violations().isEmpty();
    }

    private static boolean playMany(Map<String, String> options) {
        long seeds = Long.parseLong(options.getOrDefault("seeds", "2000"));
        long first = Long.parseLong(options.getOrDefault("first", "1"));
        Fleet fleet = Fleet.play(first, seeds, result -> {
            if (!result.violations().isEmpty()) {
                System.out.println(told(result));
            }
        });
        System.out.println(fleet.summary());
        if (options.containsKey("coverage")) {
            Directed.schedules()
                    .forEach(schedule -> fleet.coverage().add(Play.of(schedule).coverage()));
            System.out.println(coverage(fleet.coverage()));
            Expected.gaps(fleet.coverage()).forEach(System.out::println);
        }
        return fleet.failures().isEmpty();
    }

    /** As a Markdown table. */
    private static String coverage(Coverage coverage) {
        StringBuilder table = new StringBuilder("| kind | reached | how often |\n| --- | --- | --- |\n");
        Expected.all().forEach((kind, expected) -> {
            Map<String, Long> reached = coverage.of(kind);
            long those = expected.stream().filter(reached::containsKey).count();
            table.append("| ")
                    .append(kind)
                    .append(" | ")
                    .append(those)
                    .append(" of ")
                    .append(expected.size())
                    .append(" | ")
                    .append(reached.entrySet().stream()
                            .map(each -> each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining(", ")))
                    .append(" |\n");
        });
        return table.toString();
    }

    private static void untilViolated(long seeds) {
        Fleet.playUntilViolated(1, seeds)
                .failures()
                .forEach(failure -> System.out.println("seed "
                        + failure.schedule().seed() + " " + failure.violations().get(0)));
    }

    private static boolean huntMutants(Map<String, String> options) {
        Mutants mutants = new Mutants(Path.of(options.getOrDefault("repository", ".")));
        boolean all = true;
        for (Path patch : mutants.patches()) {
            if (!options.get("mutants").equals("all") && !patch.toString().contains(options.get("mutants"))) {
                continue;
            }
            Mutants.Hunted hunted = mutants.hunt(patch, Long.parseLong(options.getOrDefault("seeds", "2000")));
            all &= hunted.found().isPresent();
            System.out.println("| " + hunted.name() + " | " + hunted.words() + " | "
                    + hunted.found().orElse("NOT FOUND") + " |");
        }
        return all;
    }

    /** What a person needs to know of a failure. */
    static String told(Play.Result failure) {
        Schedule reduced = Reducer.reduce(failure);
        Play.Result again = Play.of(reduced);
        return again.violations() + "\n  " + reduced + "\n  " + again.outcomes() + "\n  " + reduced.replay();
    }
}
