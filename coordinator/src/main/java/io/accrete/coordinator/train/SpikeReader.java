package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.train.SpikeSettings;

import java.util.List;
import java.util.Optional;

/** The section of a job file that says what is done about spikes: steps are skipped. */
final class SpikeReader {
    private static final Interval COUNT = Interval.from(1, Integer.MAX_VALUE);
    private static final List<String> WORDS = List.of("skip", "rollback", "pause");

    private final ProblemLog log;

    SpikeReader(ProblemLog log) {
        this.log = log;
    }

    Optional<SpikeSettings> spike(JobSection spike) {
        if (!spike.isPresent()) {
            return Optional.empty();
        }
        Optional<YamlNode> then = spike.value("then");
        if (then.isPresent() && then.get() instanceof Sequence list && !list.items().isEmpty()) {
            list.items().forEach(item -> action(spike, item));
        } else if (then.isPresent()) {
            spike.wrong("then", then.get(), "a list of actions");
        }
        return Optional.of(new SpikeSettings(spike.number("z", 6, Interval.POSITIVE)));
    }

    private void action(JobSection spike, YamlNode item) {
        if (item instanceof Mapping) {
            JobSection rollback = spike.of("then", item).sub("rollback");
            rollback.whole("steps", 20, COUNT);
            rollback.number("rate", 0.5, Interval.POSITIVE);
            rollback.flag("skip_data", true);
            later(item, "rollback");
        } else if (item instanceof Scalar word && WORDS.contains(word.text())) {
            if (!word.text().equals("skip")) {
                later(item, word.text());
            }
        } else {
            spike.unknownWord("then", item, WORDS);
        }
    }

    private void later(YamlNode item, String action) {
        log.error(
                JobFault.NOT_YET,
                item.at(),
                "`%s` after a spike does not run yet".formatted(action),
                "write `then: [skip]`; a server's trainings can be taken back with `accrete"
                        + " rollback`");
    }
}
