package io.accrete.coordinator.train;

import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.train.BatchSettings;
import io.accrete.protocol.train.PipelineSettings;
import io.accrete.protocol.train.PipelineSettings.Activations;
import io.accrete.protocol.train.PipelineSettings.Schedule;
import io.accrete.protocol.train.StageMemory;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** What would help a training that does not fit, or that waits too long. */
final class TrainAdvice {
    private static final double MUCH_WAITING = 0.1;

    private final TrainJob job;
    private final TrainedModel model;
    private final Optional<TrainedModel> teacher;
    private final ModelCost cost;
    private final List<DeviceModel> workers;

    TrainAdvice(
            TrainJob job,
            TrainedModel model,
            Optional<TrainedModel> teacher,
            ModelCost cost,
            List<DeviceModel> workers) {
        this.job = job;
        this.model = model;
        this.teacher = teacher;
        this.cost = cost;
        this.workers =
                workers.subList(
                        0,
                        job.pipeline()
                                .stages()
                                .orElse(
                                        Math.min(
                                                workers.size(),
                                                cost.sites().size()
                                                        / job.pipeline().slicesPerStage())));
    }

    /** The arithmetic of the fullest stage of the cut that needs the least. */
    String shortage() {
        boolean recompute = job.pipeline().activations() != Activations.KEEP;
        List<StageMemory> stages =
                PipelineDraft.leastMemory(job, new RangeCosts(cost, recompute), workers)
                        .orElseThrow();
        int fullest = 0;
        for (int stage = 1; stage < stages.size(); stage++) {
            if (share(stages, stage) > share(stages, fullest)) {
                fullest = stage;
            }
        }
        StageMemory memory = stages.get(fullest);
        return ("the model does not fit: however it is cut, a stage of %d needs %s, and its worker"
                        + " has %s (weights %s + masters %s + gradients %s + moments %s +"
                        + " activations %s + working memory %s + edges %s)")
                .formatted(
                        stages.size(),
                        gigabytes(memory.total()),
                        gigabytes(workers.get(fullest).memoryBytes()),
                        gigabytes(memory.weights()),
                        gigabytes(memory.masters()),
                        gigabytes(memory.gradients()),
                        gigabytes(memory.moments()),
                        gigabytes(memory.activations()),
                        gigabytes(memory.working()),
                        gigabytes(memory.edges()));
    }

    private double share(List<StageMemory> stages, int stage) {
        return (double) stages.get(stage).total() / workers.get(stage).memoryBytes();
    }

    /** Settings each of which alone would make it fit, the least change first. */
    List<String> toFit() {
        List<String> advice = new ArrayList<>();
        fewest().ifPresent(count -> advice.add(spread(count, workers.getFirst().memoryBytes())));
        if (job.pipeline().activations() == Activations.KEEP
                && fits(withActivations(Activations.RECOMPUTE))) {
            advice.add("with `activations: recompute` it fits");
        }
        if (job.batch().microBatch() > 1 && fits(withMicroBatch(1))) {
            advice.add(
                    "with `micro_batch: 1` and `accumulate: %d` it fits"
                            .formatted(job.batch().accumulate() * job.batch().microBatch()));
        }
        if (!(job.trainable() instanceof TrainableSet.Clones)
                && model.lineage().hasClones()
                && fits(job.withTrainable(new TrainableSet.Clones()))) {
            advice.add("with `trainable: clones` it fits");
        }
        if (!(job.trainable() instanceof TrainableSet.Norms)
                && fits(job.withTrainable(new TrainableSet.Norms()))) {
            advice.add("with `trainable: norms` it fits");
        }
        leastMemory().ifPresent(bytes -> advice.add(spread(workers.size(), bytes)));
        return advice;
    }

    /** More workers help a job that says how many stages it has only if it says another number. */
    private String spread(int count, long bytes) {
        String each = Quantity.of(count, "worker") + " of " + gigabytes(bytes);
        return job.pipeline().stages().orElse(count) == count
                ? "with %s it fits".formatted(each)
                : "with `stages: %d` on %s it fits".formatted(count, each);
    }

    /** The fewest workers like the first one that would do. */
    private OptionalInt fewest() {
        int most = cost.sites().size() / job.pipeline().slicesPerStage();
        int low = workers.size() + 1;
        if (low > most || !fits(most)) {
            return OptionalInt.empty();
        }
        int high = most;
        while (low < high) {
            int middle = (low + high) / 2;
            if (fits(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return OptionalInt.of(high);
    }

    private boolean fits(int count) {
        return PhasePlanner.draft(job, cost, Collections.nCopies(count, workers.getFirst()))
                .isPresent();
    }

    private boolean fits(TrainJob changed) {
        Optional<ModelCost> known =
                CostModel.of(
                        changed,
                        model,
                        ParameterTable.of(
                                changed, model.architecture(), model.lineage(), model.shapes()));
        return known.map(own -> TeacherCost.added(changed, model, teacher, own))
                .flatMap(them -> PhasePlanner.draft(changed, them, workers))
                .isPresent();
    }

    /** What each of as many workers would need. */
    private Optional<Long> leastMemory() {
        boolean recompute = job.pipeline().activations() != Activations.KEEP;
        return PipelineDraft.leastMemory(job, new RangeCosts(cost, recompute), workers)
                .flatMap(
                        stages -> stages.stream().max(Comparator.comparingLong(StageMemory::total)))
                .map(StageMemory::total);
    }

    private TrainJob withMicroBatch(int rows) {
        BatchSettings batch = job.batch();
        return job.withBatch(
                new BatchSettings(rows, batch.accumulate() * batch.microBatch() / rows));
    }

    private TrainJob withActivations(Activations activations) {
        PipelineSettings pipeline = job.pipeline();
        return job.withPipeline(
                new PipelineSettings(
                        pipeline.stages(),
                        pipeline.slicesPerStage(),
                        pipeline.schedule(),
                        activations,
                        pipeline.threads()));
    }

    /** For a training that fits. */
    static List<String> toBeFaster(PipelineDraft draft) {
        List<String> advice = new ArrayList<>();
        int stages = draft.schedule().stages();
        int microBatches = draft.schedule().microBatches();
        if (stages > 1 && draft.bubble() > MUCH_WAITING) {
            if (microBatches < 4 * stages) {
                advice.add(
                        "stages wait %s of the time; with `accumulate: %d` and smaller"
                                        .formatted(percent(draft.bubble()), 4 * stages)
                                + " micro-batches they would wait less");
            }
            if (draft.schedule().kind() == Schedule.GPIPE) {
                advice.add("`schedule: 1f1b` keeps fewer activations and takes no longer");
            }
        }
        if (draft.recompute()) {
            advice.add(
                    "activations are computed twice; with more workers, or a smaller"
                            + " `micro_batch`, they may be kept");
        }
        return advice;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    /** Rounded up, so that what is named is enough. */
    private static String gigabytes(long bytes) {
        return bytes < 100_000_000
                ? String.format(Locale.ROOT, "%.1f MB", Math.ceil(bytes / 1e5) / 10)
                : String.format(Locale.ROOT, "%.1f GB", Math.ceil(bytes / 1e8) / 10);
    }
}
