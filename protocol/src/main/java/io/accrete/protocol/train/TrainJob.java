package io.accrete.protocol.train;

import java.util.List;

/**
 * A training job with every default filled in.
 *
 * @param sites source layer of each site; empty where the layers stay as they are
 * @param learningRates multipliers by name; the last rule that matches a name wins
 * @param steps number of optimizer steps
 */
public record TrainJob(
        StartingModel start,
        List<Integer> sites,
        CloneSettings clones,
        TrainableSet trainable,
        List<RateRule> learningRates,
        DataSettings data,
        BatchSettings batch,
        OptimizerSettings optimizer,
        int steps,
        PipelineSettings pipeline,
        CheckpointSettings checkpoint,
        MonitorSettings monitor,
        OutputSettings output,
        long seed) {
    public TrainJob {
        sites = List.copyOf(sites);
        learningRates = List.copyOf(learningRates);
    }
}
