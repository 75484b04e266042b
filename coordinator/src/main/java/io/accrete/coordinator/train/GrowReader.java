package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.GrowSettings.Order;
import io.accrete.protocol.train.GrowSettings.Plateau;
import io.accrete.protocol.train.GrowSettings.Round;
import io.accrete.protocol.train.GrowSettings.Rounds;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The section of a job file that says how a model grows in rounds. */
final class GrowReader {
    private static final Interval COUNT = Interval.from(1, Integer.MAX_VALUE);
    private static final Interval SITE = Interval.from(0, 999_999);
    private static final Interval LAYERS = Interval.from(1, 1_000_000);

    private GrowReader() {}

    static Optional<GrowSettings> grow(JobSection grow) {
        if (!grow.isPresent()) {
            return Optional.empty();
        }
        JobSection plateau = grow.sub("plateau");
        Plateau rule =
                new Plateau(
                        plateau.whole("patience", 3, COUNT),
                        plateau.whole("minimum_steps", 50, COUNT),
                        plateau.number("delta", 0.002, Interval.NOT_NEGATIVE));
        return rounds(grow).map(rounds -> new GrowSettings(rounds, rule));
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
            if (round.isPresent() && round.optional("after_site").isEmpty()) {
                round.missing("after_site", "say which site is copied: `{after_site: 2}`");
            }
            rounds.add(
                    new Round(
                            round.whole("after_site", 0, SITE),
                            round.optional("steps").isPresent()
                                    ? OptionalInt.of(round.whole("steps", 1, COUNT))
                                    : OptionalInt.empty()));
        }
        return new Rounds.Listed(rounds);
    }
}
