package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.StageAction;
import io.accrete.worker.nn.SiteSurgery;
import io.accrete.worker.tensor.ComputeDevice;

import java.util.List;
import java.util.Optional;

/**
 * All that a stage is told before its first step.
 *
 * @param stage its number
 * @param config of the model after surgery
 * @param folder where frozen and first weights come from
 * @param actions of a step, in order
 * @param keep whether activations are kept, or computed again
 * @param threads that a calculation may use
 * @param resume state to go on from, instead of the first weights
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
        Optional<Checkpoint> resume) {

    public StageSetup {
        actions = List.copyOf(actions);
    }
}
