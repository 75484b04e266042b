package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.train.SpikeAction;
import io.accrete.protocol.train.SpikeSettings;

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
        Optional<YamlNode> then = spike.value("then");
        List<SpikeAction> actions = new ArrayList<>();
        if (then.isPresent() && then.get() instanceof Sequence list) {
            list.items().forEach(item -> action(spike, item).ifPresent(actions::add));
        }
        if (then.isPresent() && !(then.get() instanceof Sequence list && !list.items().isEmpty())) {
            spike.wrong("then", then.get(), "a list of actions");
        }
        return Optional.of(
                new SpikeSettings(
                        spike.number("z", 6, Interval.POSITIVE),
                        actions.isEmpty() ? List.of(new SpikeAction.Skip()) : actions));
    }

    private static Optional<SpikeAction> action(JobSection spike, YamlNode item) {
        if (item instanceof Mapping) {
            return Optional.of(rollback(spike.of("then", item).sub("rollback")));
        }
        Optional<SpikeAction> known =
                switch (item instanceof Scalar word ? word.text() : "") {
                    case "skip" -> Optional.of(new SpikeAction.Skip());
                    case "pause" -> Optional.of(new SpikeAction.Pause());
                    case "rollback" -> Optional.of(new SpikeAction.RollBack(20, 0.5, true));
                    default -> Optional.empty();
                };
        if (known.isEmpty()) {
            spike.unknownWord("then", item, WORDS);
        }
        return known;
    }

    private static SpikeAction rollback(JobSection rollback) {
        return new SpikeAction.RollBack(
                rollback.whole("steps", 20, COUNT),
                rollback.number("rate", 0.5, Interval.FACTOR),
                rollback.flag("skip_data", true));
    }
}
