package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.SpikeSettings.Action;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The section of a job file that says what is done about spikes. */
final class SpikeReader {
    private static final Interval COUNT = Interval.from(1, Integer.MAX_VALUE);
    private static final List<String> WORDS = List.of("skip", "rollback", "pause");

    private SpikeReader() {}

    static Optional<SpikeSettings> spike(JobSection spike) {
        if (!spike.isPresent()) {
            return Optional.empty();
        }
        return Optional.of(
                new SpikeSettings(spike.number("z", 6, Interval.POSITIVE), actions(spike)));
    }

    private static List<Action> actions(JobSection spike) {
        Optional<YamlNode> then = spike.value("then");
        if (then.isEmpty()) {
            return List.of(
                    new Action.Skip(), new Action.Rollback(20, 0.5, true), new Action.Pause());
        }
        List<Action> actions = new ArrayList<>();
        if (then.get() instanceof Sequence list && !list.items().isEmpty()) {
            for (YamlNode item : list.items()) {
                action(spike, item).ifPresent(actions::add);
            }
        } else {
            spike.wrong("then", then.get(), "a list of actions");
        }
        return actions;
    }

    private static Optional<Action> action(JobSection spike, YamlNode item) {
        if (item instanceof Mapping) {
            return Optional.of(rollback(spike.of("then", item).sub("rollback")));
        }
        return switch (item instanceof Scalar word ? word.text() : "") {
            case "skip" -> Optional.of(new Action.Skip());
            case "pause" -> Optional.of(new Action.Pause());
            case "rollback" -> Optional.of(new Action.Rollback(20, 0.5, true));
            default -> {
                spike.unknownWord("then", item, WORDS);
                yield Optional.empty();
            }
        };
    }

    private static Action rollback(JobSection rollback) {
        return new Action.Rollback(
                rollback.whole("steps", 20, COUNT),
                rollback.number("rate", 0.5, Interval.POSITIVE),
                rollback.flag("skip_data", true));
    }
}
