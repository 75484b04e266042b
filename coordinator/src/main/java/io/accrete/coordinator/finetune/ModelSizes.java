package io.accrete.coordinator.finetune;

import io.accrete.coordinator.observe.TrainingReport;
import io.accrete.coordinator.observe.TrainingReport.Size;
import io.accrete.coordinator.train.GrowthAdvice;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainPlan;

import java.util.HashMap;
import java.util.Map;

/** How large the result of a training is, and the model that it grew from. */
final class ModelSizes {
    /** Of a number in the cache of a generation. */
    private static final int NUMBER_BYTES = 2;

    private final PlannedTraining planned;
    private final LlamaConfig config;

    private ModelSizes(PlannedTraining planned, LlamaConfig config) {
        this.planned = planned;
        this.config = config;
    }

    /**
     * @param source the model that the job names
     */
    static TrainingReport.Subject subject(String title, PlannedTraining planned, ModelFolder source)
            throws ModelFileException {
        TrainPlan plan = planned.last().plan();
        LlamaConfig started = LlamaConfig.of(source);
        int layers = plan.sites().size();
        int clones = (int) plan.sites().stream().filter(s -> s.occurrence() > 0).count();
        boolean grown = !planned.job().sites().isEmpty() || planned.job().grow().isPresent();
        ModelSizes sizes = new ModelSizes(planned, started.withLayers(layers));
        Size base = sizes.of(grown ? started.layers() : layers - clones);
        Size own = sizes.of(layers);
        return new TrainingReport.Subject(
                title,
                plan.sites(),
                base,
                own,
                sizes.trained(),
                GrowthAdvice.of(base.parameters(), base.layers(), own.parameters(), own.layers()));
    }

    /** The result with another number of layers, all of which are alike. */
    private Size of(int layers) {
        long inLayers = 0;
        long outside = 0;
        for (TensorSpec tensor : planned.last().tensors()) {
            long elements = tensor.shape().elements();
            if (LlamaConfig.isInLayer(tensor.name())) {
                inLayers += elements;
            } else {
                outside += elements;
            }
        }
        long aLayer = inLayers / config.layers();
        long head = (long) config.vocabulary() * config.hidden();
        long width = (long) config.heads() * config.headDim();
        // Half of a row is seen on the average; scores and sums are two products.
        long attention = 2 * width * planned.job().data().sequenceLength();
        return new Size(
                layers,
                outside + layers * aLayer,
                2 * (layers * aLayer + head) + layers * attention,
                2L * NUMBER_BYTES * layers * config.kvHeads() * config.headDim());
    }

    private long trained() {
        TrainPlan plan = planned.last().plan();
        Map<String, Long> elements = new HashMap<>();
        planned.last().tensors().forEach(t -> elements.put(t.name(), t.shape().elements()));
        plan.added()
                .shapes(config.layers(), (_, target) -> config.shape(target))
                .forEach((name, shape) -> elements.put(name, shape.elements()));
        return plan.parameters().stream()
                .filter(ParameterSettings::trained)
                .mapToLong(parameter -> elements.getOrDefault(parameter.name(), 0L))
                .sum();
    }
}
