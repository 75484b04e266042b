package io.accrete.protocol.train;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

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
        Optional<LoraSettings> lora,
        Optional<DistillSettings> distill,
        DataSettings data,
        BatchSettings batch,
        OptimizerSettings optimizer,
        int steps,
        Optional<GrowSettings> grow,
        PipelineSettings pipeline,
        CheckpointSettings checkpoint,
        MonitorSettings monitor,
        OutputSettings output,
        long seed) {
    public TrainJob {
        sites = List.copyOf(sites);
        learningRates = List.copyOf(learningRates);
    }

    /** Checkpoints that stay on disk: enough to go back as far as a guard may want. */
    public int checkpointsKept() {
        int reach = monitor.spike().map(SpikeSettings::reach).orElse(0);
        int every =
                output.which() == OutputSettings.Which.BEST
                        ? Math.min(checkpoint.every(), monitor.validateEvery())
                        : checkpoint.every();
        return Math.max(checkpoint.keep(), reach == 0 ? 0 : (reach + every - 1) / every + 1);
    }

    /** Whether it is known only in the end how many steps it takes: a plateau may end a round. */
    public boolean mayEndEarly() {
        return grow.flatMap(GrowSettings::plateau).isPresent() && !data.validation().isEmpty();
    }

    /** The same job with other parameters that learn. */
    public TrainJob withTrainable(TrainableSet changed) {
        return with(start, sites, clones, changed, distill, batch, pipeline);
    }

    /**
     * The same job for a model whose sites are other layers.
     *
     * @param layers for each site the layer of the model that it comes from
     */
    public TrainJob withSites(List<Integer> layers) {
        return with(start, layers, clones, trainable, distill, batch, pipeline);
    }

    /** The same job with other clones. */
    public TrainJob withClones(CloneSettings changed) {
        return with(start, sites, changed, trainable, distill, batch, pipeline);
    }

    /** The same job with a teacher of other settings. */
    public TrainJob withDistill(Optional<DistillSettings> changed) {
        return with(start, sites, clones, trainable, changed, batch, pipeline);
    }

    /** The same job with other batches. */
    public TrainJob withBatch(BatchSettings changed) {
        return with(start, sites, clones, trainable, distill, changed, pipeline);
    }

    /** The same job over another pipeline. */
    public TrainJob withPipeline(PipelineSettings changed) {
        return with(start, sites, clones, trainable, distill, batch, changed);
    }

    /** The same job with that model. */
    public TrainJob startingFrom(String model) {
        return with(
                new StartingModel.Folder(model),
                sites,
                clones,
                trainable,
                distill,
                batch,
                pipeline);
    }

    private TrainJob with(
            StartingModel startNow,
            List<Integer> sitesNow,
            CloneSettings clonesNow,
            TrainableSet trainableNow,
            Optional<DistillSettings> distillNow,
            BatchSettings batchNow,
            PipelineSettings pipelineNow) {
        return new TrainJob(
                startNow,
                sitesNow,
                clonesNow,
                trainableNow,
                learningRates,
                lora,
                distillNow,
                data,
                batchNow,
                optimizer,
                steps,
                grow,
                pipelineNow,
                checkpoint,
                monitor,
                output,
                seed);
    }

    /** The same job without what changes no bit of the result: cuts, schedules, checkpoints. */
    TrainJob decisive() {
        PipelineSettings any =
                new PipelineSettings(
                        OptionalInt.empty(),
                        1,
                        PipelineSettings.Schedule.ONE_F_ONE_B,
                        PipelineSettings.Activations.AUTO,
                        pipeline.threads());
        return new TrainJob(
                start,
                sites,
                clones,
                trainable,
                learningRates,
                lora,
                distill,
                data,
                batch,
                optimizer,
                steps,
                grow,
                any,
                new CheckpointSettings(1, 1),
                monitor,
                output,
                seed);
    }
}
