package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.List;
import java.util.Optional;

/** Settings that job files may have and that do not run yet: read, checked, refused by name. */
final class LaterSettings {
    private final ProblemLog log;

    LaterSettings(ProblemLog log) {
        this.log = log;
    }

    void read(JobSection top) {
        precision(top);
    }

    private void precision(JobSection top) {
        Optional<YamlNode> node = top.value("precision");
        if (node.isEmpty() || node.get() instanceof Scalar word && word.text().equals("float32")) {
            return;
        }
        if (node.get() instanceof Scalar word && word.text().equals("bfloat16")) {
            refuse(word.at(), "precision: bfloat16", "write `precision: float32`");
        } else {
            top.unknownWord("precision", node.get(), List.of("float32"));
        }
    }

    private void refuse(Position at, String setting, String fix) {
        log.error(JobFault.NOT_YET, at, "`" + setting + "` does not run yet", fix);
    }
}
