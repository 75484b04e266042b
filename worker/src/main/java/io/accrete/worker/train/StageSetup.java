package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Inheritance;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.StageAction;
import io.accrete.worker.nn.SiteSurgery;
import io.accrete.worker.tensor.ComputeDevice;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * All that a stage is told before its first step.
 *
 * @param stage its number
 * @param config of the model after surgery
 * @param folder where frozen and first weights come from
 * @param actions of a step, in order
 * @param keep whether activations are kept, or computed again
 * @param threads that a calculation may use
 * @param seed of what is drawn
 * @param adapter that low-rank matrices start from
 * @param teacher whose scores the model is to come close to
 * @param resume state to go on from, instead of the first weights
 * @param inherits how that state, of another phase, becomes the first of this one
 */
public record StageSetup(
        int stage,
        LlamaConfig config,
        ModelFolder folder,
        SiteSurgery surgery,
        PipelineMap map,
        List<StageAction> actions,
        OptimizerSettings optimizer,
        boolean keep,
        int threads,
        ComputeDevice device,
        long seed,
        Optional<PeftAdapter> adapter,
        Optional<TeacherSetup> teacher,
        Optional<Checkpoint> resume,
        Optional<Inheritance> inherits) {

    public StageSetup {
        actions = List.copyOf(actions);
    }

    /** Shapes of what is added to the model, by name. */
    SortedMap<String, Shape> addedShapes() {
        return map.added().shapes(config.layers(), (_, projection) -> config.shape(projection));
    }
}
