package io.jenkins.plugins.cockroachdb.disasters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is played: an undisturbed failback and what is different from it. The seed decides about everything else that is left
 * to chance, such as how long an answer takes, so the same schedule is always played the same way.
 *
 * @param kept which of the twists that the seed makes are in it; empty when the schedule was written by hand
 */
record Schedule(long seed, List<Twist> twists, Optional<List<Integer>> kept) {

    Schedule {
        twists = List.copyOf(twists);
    }

    /** The disasters of a seed. */
    static Schedule of(long seed) {
        List<Twist> twists = new Dice(seed).twists();
        return new Schedule(
                seed,
                twists,
                Optional.of(IntStream.range(0, twists.size()).boxed().toList()));
    }

    /** Some of the disasters of a seed, by their numbers. */
    static Schedule of(long seed, List<Integer> only) {
        List<Twist> all = new Dice(seed).twists();
        return new Schedule(seed, only.stream().map(all::get).toList(), Optional.of(only));
    }

    /** A schedule written by hand. */
    static Schedule with(Twist... twists) {
        return new Schedule(1, Arrays.asList(twists), Optional.empty());
    }

    Schedule without(int twist) {
        List<Twist> rest = new ArrayList<>(twists);
        rest.remove(twist);
        Optional<List<Integer>> restKept = kept.map(numbers -> {
            List<Integer> others = new ArrayList<>(numbers);
            others.remove(twist);
            return others;
        });
        return new Schedule(seed, rest, restKept);
    }

    <T extends Twist> Stream<T> all(Class<T> kind) {
        return twists.stream().filter(kind::isInstance).map(kind::cast);
    }

    <T extends Twist> Optional<T> one(Class<T> kind) {
        return all(kind).findFirst();
    }

    boolean has(Class<? extends Twist> kind) {
        return twists.stream().anyMatch(kind::isInstance);
    }

    boolean has(Twist.History history) {
        return twists.contains(new Twist.Past(history));
    }

    /** What repeats it. */
    String replay() {
        return "bin/disasters --seed " + seed
                + kept.map(numbers -> " --only "
                                + numbers.stream().map(String::valueOf).collect(Collectors.joining(",")))
                        .orElse("");
    }

    @Override
    public String toString() {
        return twists.isEmpty()
                ? "nothing goes wrong"
                : twists.stream().map(Twist::toString).collect(Collectors.joining("; "));
    }
}
