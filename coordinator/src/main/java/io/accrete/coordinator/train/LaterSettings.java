package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.List;
import java.util.Optional;

/** Settings that job files may have and that do not run yet: read, checked, refused by name. */
final class LaterSettings {
    private static final Interval COUNT = Interval.from(1, Integer.MAX_VALUE);
    private static final Interval SITE = Interval.from(0, Integer.MAX_VALUE);

    private enum GrowOrder {
        MIDDLE_OUT,
        TOP_DOWN
    }

    private final ProblemLog log;

    LaterSettings(ProblemLog log) {
        this.log = log;
    }

    void read(JobSection top) {
        Optional<YamlNode> untie = top.sub("clones").optional("untie_at");
        if (untie.isPresent()) {
            top.sub("clones").whole("untie_at", 1, COUNT);
            refuse(untie.get().at(), "clones.untie_at", "leave it out: clones stay as `tie` says");
        }
        if (top.flag("baseline", false)) {
            refuse(
                    top.at("baseline"),
                    "baseline",
                    "leave it out, and train the untouched base as a job of its own");
        }
        grow(top.sub("grow"));
        spike(top.sub("monitor").sub("spike"));
        precision(top);
    }

    private void grow(JobSection grow) {
        if (!grow.isPresent()) {
            return;
        }
        Optional<YamlNode> rounds = grow.value("rounds");
        if (rounds.isPresent() && rounds.get() instanceof Mapping) {
            JobSection order = grow.sub("rounds");
            order.choice("order", GrowOrder.MIDDLE_OUT);
            order.whole("add", 1, COUNT);
            order.whole("until", 1, COUNT);
        } else if (rounds.isPresent() && rounds.get() instanceof Sequence list) {
            for (YamlNode node : list.items()) {
                JobSection round = grow.of("rounds[]", node);
                round.whole("after_site", 0, SITE);
                round.whole("steps", 1, COUNT);
            }
        } else if (rounds.isPresent()) {
            grow.wrong("rounds", rounds.get(), "a list of rounds, or a mapping");
        }
        JobSection plateau = grow.sub("plateau");
        plateau.whole("patience", 3, COUNT);
        plateau.whole("minimum_steps", 50, COUNT);
        plateau.number("delta", 0.002, Interval.NOT_NEGATIVE);
        refuse(grow.at(), "grow", "leave it out, and insert layers with `sites`");
    }

    private void spike(JobSection spike) {
        if (!spike.isPresent()) {
            return;
        }
        spike.number("z", 6, Interval.POSITIVE);
        Optional<YamlNode> then = spike.value("then");
        if (then.isPresent() && then.get() instanceof Sequence actions) {
            for (YamlNode action : actions.items()) {
                if (action instanceof Mapping) {
                    JobSection rollback = spike.of("then", action).sub("rollback");
                    rollback.whole("steps", 1, COUNT);
                    rollback.number("rate", 0.5, Interval.POSITIVE);
                    rollback.flag("skip_data", true);
                } else if (!(action instanceof Scalar word)
                        || !List.of("skip", "pause").contains(word.text())) {
                    spike.unknownWord("then", action, List.of("skip", "pause", "rollback"));
                }
            }
        } else if (then.isPresent()) {
            spike.wrong("then", then.get(), "a list of actions");
        }
        refuse(
                spike.at(),
                "monitor.spike",
                "leave it out; steps that are not finite are always skipped");
    }

    private void precision(JobSection top) {
        Optional<YamlNode> node = top.value("precision");
        if (node.isEmpty() || node.get() instanceof Scalar word && word.text().equals("float32")) {
            return;
        }
        if (node.get() instanceof Scalar word && word.text().equals("bfloat16")) {
            refuse(word.at(), "precision: bfloat16", "write `precision: float32`");
        } else {
            top.unknownWord("precision", node.get(), List.of("float32", "bfloat16"));
        }
    }

    private void refuse(Position at, String setting, String fix) {
        log.error(JobFault.NOT_YET, at, "`" + setting + "` does not run yet", fix);
    }
}
