package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.Optional;
import java.util.OptionalLong;

/** A {@code layer_range}: two whole numbers, the second not below the first. */
final class LayerRangeReader {
    private static final String FORM =
            "write `layer_range: [first, end]`; the end is exclusive, so [0, 4] is layers 0 to 3";

    private final ProblemLog log;

    LayerRangeReader(ProblemLog log) {
        this.log = log;
    }

    Optional<Located<LayerRange>> read(Section source) {
        Optional<YamlNode> node = source.value("layer_range");
        if (node.isEmpty()) {
            wrong(
                    source.keyAt("layer_range"),
                    "a source in `slices` needs a layer_range of two whole numbers");
            return Optional.empty();
        }
        if (!(node.get() instanceof Sequence list)) {
            wrong(
                    node.get().at(),
                    "layer_range is "
                            + node.get().words()
                            + "; it must be a list of two whole numbers");
            return Optional.empty();
        }
        if (list.items().size() != 2) {
            wrong(
                    list.at(),
                    "layer_range is "
                            + list.words()
                            + "; it must be a list of exactly two whole numbers");
            return Optional.empty();
        }
        Optional<Integer> start = bound(list.items().get(0));
        Optional<Integer> end = bound(list.items().get(1));
        if (start.isEmpty() || end.isEmpty()) {
            return Optional.empty();
        }
        if (end.get() < start.get()) {
            log.error(
                    RecipeFault.LAYER_RANGE,
                    list.at(),
                    "layer_range [%d, %d] is reversed: it ends before it begins"
                            .formatted(start.get(), end.get()),
                    "write [%d, %d] if these layers are meant".formatted(end.get(), start.get()));
            return Optional.empty();
        }
        return Optional.of(new Located<>(new LayerRange(start.get(), end.get()), list.at()));
    }

    private Optional<Integer> bound(YamlNode node) {
        OptionalLong number =
                node instanceof Scalar scalar
                        ? ScalarValue.count(scalar.value())
                        : OptionalLong.empty();
        if (node.isNull() || number.isEmpty()) {
            wrong(node.at(), "layer_range has " + node.words() + " where a whole number is needed");
            return Optional.empty();
        }
        if (number.getAsLong() < 0) {
            wrong(
                    node.at(),
                    "layer_range has %d: layers are counted from 0, and a negative number"
                                    .formatted(number.getAsLong())
                            + " does not count from the end");
            return Optional.empty();
        }
        if (number.getAsLong() > Integer.MAX_VALUE) {
            wrong(node.at(), "layer_range has " + number.getAsLong() + ", beyond any model");
            return Optional.empty();
        }
        return Optional.of((int) number.getAsLong());
    }

    private void wrong(Position at, String message) {
        log.error(RecipeFault.LAYER_RANGE, at, message, FORM);
    }
}
