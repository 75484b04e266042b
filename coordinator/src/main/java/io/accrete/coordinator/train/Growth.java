package io.accrete.coordinator.train;

import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.GrowSettings.Order;
import io.accrete.protocol.train.GrowSettings.Round;
import io.accrete.protocol.train.GrowSettings.Rounds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The rounds of a growth: which sites the model has in each, and where they come from. */
final class Growth {
    /** Of a training, all rounds together. */
    static final int STEPS_MAX = 1_000_000_000;

    /** Each is planned for itself. */
    static final int ROUNDS_MAX = 256;

    private Growth() {}

    /**
     * A round.
     *
     * @param layers for each site the layer of the first model that it goes back to
     * @param origins for each site the site of the round before that it was, or is a copy of
     * @param inserted sites that are new; none in the steps before the first round
     * @param steps at most
     */
    record Stage(
            List<Integer> layers, List<Integer> origins, SortedSet<Integer> inserted, int steps) {}

    /**
     * @param layers of the model before the first round
     * @param steps of a round that does not say how many
     * @throws IllegalArgumentException if a round copies a site that the model does not have then,
     *     or there are more rounds or steps than are done
     */
    static List<Stage> of(GrowSettings grow, List<Integer> layers, int steps) {
        List<Stage> stages = new ArrayList<>();
        if (grow.stepsBefore() > 0) {
            stages.add(grown(layers, List.of(), grow.stepsBefore()));
        }
        stages.addAll(
                switch (grow.rounds()) {
                    case Rounds.Listed(List<Round> rounds) -> listed(rounds, layers, steps);
                    case Rounds.Ordered ordered -> ordered(ordered, layers, steps);
                });
        long all = stages.stream().mapToLong(Stage::steps).sum();
        if (all > STEPS_MAX) {
            throw new IllegalArgumentException(
                    "the rounds have %,d steps together; at most %,d are done"
                            .formatted(all, STEPS_MAX));
        }
        return stages;
    }

    private static List<Stage> listed(List<Round> rounds, List<Integer> layers, int steps) {
        if (rounds.size() > ROUNDS_MAX) {
            throw new IllegalArgumentException(
                    "there are %,d rounds; at most %d are done"
                            .formatted(rounds.size(), ROUNDS_MAX));
        }
        List<Stage> stages = new ArrayList<>();
        List<Integer> now = layers;
        for (Round round : rounds) {
            int last = round.afterSites().getLast();
            if (last >= now.size()) {
                throw new IllegalArgumentException(
                        "round %d copies site %d; the model has sites 0..%d then"
                                .formatted(stages.size() + 1, last, now.size() - 1));
            }
            Stage stage = grown(now, round.afterSites(), round.steps().orElse(steps));
            stages.add(stage);
            now = stage.layers();
        }
        return stages;
    }

    private static List<Stage> ordered(Rounds.Ordered rounds, List<Integer> layers, int steps) {
        long least = Math.ceilDiv(rounds.until() - (long) layers.size(), rounds.add());
        if (least > ROUNDS_MAX) {
            throw new IllegalArgumentException(
                    "%d layers in steps of %d take %,d rounds from %d; at most %d are done"
                            .formatted(
                                    rounds.until(),
                                    rounds.add(),
                                    least,
                                    layers.size(),
                                    ROUNDS_MAX));
        }
        List<Stage> stages = new ArrayList<>();
        List<Integer> now = layers;
        List<Integer> waiting = new ArrayList<>();
        while (now.size() < rounds.until()) {
            int count = Math.min(rounds.add(), rounds.until() - now.size());
            List<Integer> copied = new ArrayList<>();
            while (copied.size() < count) {
                if (waiting.isEmpty()) {
                    if (!copied.isEmpty()) {
                        break; // a site is copied once in a round
                    }
                    waiting.addAll(order(rounds.order(), now.size()));
                }
                copied.add(waiting.removeFirst());
            }
            copied.sort(Comparator.naturalOrder());
            Stage stage = grown(now, copied, steps);
            waiting.replaceAll(site -> stage.origins().indexOf(site));
            stages.add(stage);
            now = stage.layers();
        }
        return stages;
    }

    /** All sites of a model, in the order in which they are copied. */
    static List<Integer> order(Order order, int sites) {
        return switch (order) {
            case TOP_DOWN -> IntStream.range(0, sites).mapToObj(i -> sites - 1 - i).toList();
            case MIDDLE_OUT ->
                    IntStream.range(0, sites)
                            .boxed()
                            .sorted(
                                    Comparator.<Integer>comparingInt(
                                                    site -> Math.abs(2 * site - sites + 1))
                                            .thenComparing(Comparator.naturalOrder()))
                            .toList();
        };
    }

    /**
     * @param copied sites, ascending
     */
    private static Stage grown(List<Integer> layers, List<Integer> copied, int steps) {
        List<Integer> grown = new ArrayList<>();
        List<Integer> origins = new ArrayList<>();
        SortedSet<Integer> inserted = new TreeSet<>();
        for (int site = 0; site < layers.size(); site++) {
            grown.add(layers.get(site));
            origins.add(site);
            if (copied.contains(site)) {
                inserted.add(grown.size());
                grown.add(layers.get(site));
                origins.add(site);
            }
        }
        return new Stage(grown, origins, inserted, steps);
    }
}
