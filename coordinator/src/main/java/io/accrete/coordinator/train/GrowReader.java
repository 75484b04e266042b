package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.GrowSettings.Order;
import io.accrete.protocol.train.GrowSettings.Plateau;
import io.accrete.protocol.train.GrowSettings.Round;
import io.accrete.protocol.train.GrowSettings.Rounds;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The section of a job file that says how a model grows in rounds. */
final class GrowReader {
    private static final Interval COUNT = Interval.from(1, Growth.STEPS_MAX);
    private static final Interval COUNT_OR_NONE = Interval.from(0, Growth.STEPS_MAX);
    private static final Interval SITE = Interval.from(0, 999_999);
    private static final Interval LAYERS = Interval.from(1, 1_000_000);

    /** What one schedule of the rate is about. */
    private enum Span {
        ROUND,
        GROWTH
    }

    private GrowReader() {}

    static Optional<GrowSettings> grow(JobSection grow) {
        if (!grow.isPresent()) {
            return Optional.empty();
        }
        Optional<Plateau> plateau =
                grow.isNull("plateau")
                        ? Optional.empty()
                        : Optional.of(plateau(grow.sub("plateau")));
        int before = grow.whole("steps_before", 0, COUNT_OR_NONE);
        Span span = grow.choice("schedule_over", Span.ROUND);
        return rounds(grow)
                .map(rounds -> new GrowSettings(rounds, plateau, before, span == Span.GROWTH));
    }

    private static Plateau plateau(JobSection plateau) {
        return new Plateau(
                plateau.whole("patience", 3, COUNT),
                plateau.whole("minimum_steps", 50, COUNT),
                plateau.number("delta", 0.002, Interval.NOT_NEGATIVE));
    }

    private static Optional<Rounds> rounds(JobSection grow) {
        Optional<YamlNode> rounds = grow.value("rounds");
        if (rounds.isEmpty()) {
            grow.missing("rounds", "list them: `rounds: [{after_site: 2}]`");
            return Optional.empty();
        }
        return switch (rounds.get()) {
            case Mapping _ -> ordered(grow.sub("rounds"));
            case Sequence list when !list.items().isEmpty() -> Optional.of(listed(grow, list));
            default -> {
                grow.wrong("rounds", rounds.get(), "a list of rounds, or a mapping");
                yield Optional.empty();
            }
        };
    }

    private static Optional<Rounds> ordered(JobSection rounds) {
        for (String key : List.of("order", "until")) {
            if (rounds.optional(key).isEmpty()) {
                rounds.missing(key, "write `rounds: {order: middle-out, add: 2, until: 140}`");
                return Optional.empty();
            }
        }
        return Optional.of(
                new Rounds.Ordered(
                        rounds.choice("order", Order.MIDDLE_OUT),
                        rounds.whole("add", 1, LAYERS),
                        rounds.whole("until", 1, LAYERS)));
    }

    private static Rounds listed(JobSection grow, Sequence list) {
        List<Round> rounds = new ArrayList<>();
        for (YamlNode node : list.items()) {
            JobSection round = grow.of("rounds[]", node);
            rounds.add(
                    new Round(
                            copied(round),
                            round.optional("steps").isPresent()
                                    ? OptionalInt.of(round.whole("steps", 1, COUNT))
                                    : OptionalInt.empty()));
        }
        return new Rounds.Listed(rounds);
    }

    /** The sites that a round copies, ascending. */
    private static List<Integer> copied(JobSection round) {
        if (round.isPresent() && round.optional("after_site").isEmpty()) {
            round.missing(
                    "after_site",
                    "say which site is copied: `{after_site: 2}`; steps before anything is inserted"
                            + " are `grow.steps_before`");
            return List.of(0);
        }
        Optional<YamlNode> node = round.optional("after_site");
        if (node.isEmpty() || node.get() instanceof Scalar) {
            return List.of(round.whole("after_site", 0, SITE));
        }
        List<Integer> sites = round.wholes("after_site", SITE);
        if (sites.isEmpty() || new HashSet<>(sites).size() < sites.size()) {
            round.wrong("after_site", node.get(), "a site, or a list of sites, each of them once");
            return List.of(0);
        }
        return sites.stream().sorted().toList();
    }
}
