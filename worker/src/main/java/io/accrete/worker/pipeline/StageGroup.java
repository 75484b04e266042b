package io.accrete.worker.pipeline;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.TrainPlan.StagePlan;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.worker.data.ModelVocabulary;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.train.AdapterExport;
import io.accrete.worker.train.MicroBatch;
import io.accrete.worker.train.ModelExport;
import io.accrete.worker.train.PipelineMap;
import io.accrete.worker.train.SamplePrompts;
import io.accrete.worker.train.SavedParts;
import io.accrete.worker.train.StageEdges;
import io.accrete.worker.train.StageSetup;
import io.accrete.worker.train.StageThreads;
import io.accrete.worker.train.TeacherSetup;
import io.accrete.worker.train.TrainingData;
import io.accrete.worker.train.TrainingModel;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stages of a training that one host holds, with their texts. Confined to one thread. */
final class StageGroup implements AutoCloseable {
    private final PlannedTraining planned;
    private final StageLinks links;
    private final ComputeDevice device;
    private @Nullable TrainingData data;
    private @Nullable StageThreads stages;
    private final SavedParts saved = new SavedParts();

    /** Gradients of a step wait for a verdict: without it they would be lost unseen. */
    private boolean undecided;

    /**
     * @param links to the other groups
     * @param device that its stages compute on
     */
    StageGroup(PlannedTraining planned, StageLinks links, ComputeDevice device) {
        this.planned = planned;
        this.links = links;
        this.device = device;
    }

    /** What the stages of a phase are made of. */
    private record Parts(PlannedPhase phase, TrainingModel model, PipelineMap map) {
        /**
         * @throws IOException if the model cannot be read, or is not what was planned with
         */
        static Parts of(PlannedTraining planned, PlannedPhase phase) throws IOException {
            TrainPlan plan = phase.plan();
            TrainingModel model = TrainingModel.of(planned.sources(), plan);
            return new Parts(
                    phase,
                    model,
                    new PipelineMap(
                            model.config(),
                            plan.added(),
                            plan.stages().stream().map(StagePlan::slices).toList(),
                            plan.parameters()));
        }

        StageSetup setup(
                int stage,
                ComputeDevice device,
                Optional<TeacherSetup> teacher,
                Optional<Checkpoint> resume,
                boolean inherits) {
            TrainPlan plan = phase.plan();
            TrainJob job = plan.job();
            return new StageSetup(
                    stage,
                    model.config(),
                    model.folder(),
                    model.surgery(),
                    map,
                    plan.stages().get(stage).actions(),
                    job.optimizer(),
                    !plan.recompute(),
                    job.pipeline().threads(),
                    device,
                    job.seed(),
                    model.adapter(),
                    teacher,
                    resume,
                    phase.inheritance().filter(_ -> inherits));
        }
    }

    /**
     * The stages read their state, and connect to those of other groups; whatever they did before
     * is over.
     *
     * @return what a person may want to know of the texts, as sentences
     */
    List<String> begin(StageCommand.Begin command) throws IOException, InterruptedException {
        close();
        Parts parts = Parts.of(planned, planned.phases().get(command.phase()));
        TrainingData rows = data == null ? TrainingData.read(planned, parts.model()) : data;
        data = rows;
        int depth = parts.phase().plan().edgeDepth();
        StageEdges edges =
                links.open(
                        command.seating(),
                        parts.map(),
                        depth,
                        rows.tensorBytesMax(parts.model(), parts.phase()));
        List<StageSetup> setups = new ArrayList<>();
        for (int stage : links.own(command.seating())) {
            setups.add(
                    parts.setup(
                            stage,
                            device,
                            parts.model().teacher(),
                            command.resume(),
                            command.inherits()));
        }
        stages = StageThreads.open(setups, edges);
        links.awaitOpen();
        return rows.remarks();
    }

    StepFigures step(long firstRow) throws IOException, InterruptedException {
        StepFigures figures = stages().run(data().step(firstRow));
        undecided = true;
        return figures;
    }

    /**
     * Does with the gradients of a step what is said, if that step is still open.
     *
     * @throws IllegalStateException if there is a verdict without a step, or a step without one
     */
    void decide(Optional<StepVerdict> verdict) throws IOException, InterruptedException {
        if (verdict.isPresent() != undecided) {
            throw new IllegalStateException(
                    undecided ? "a step has no verdict" : "a verdict on no step");
        }
        if (verdict.isPresent()) {
            saved.awaitRead();
            stages().apply(verdict.get());
            undecided = false;
        }
    }

    /** Targets of all texts that are held back. */
    long heldBack() {
        return data().validation().stream().mapToLong(MicroBatch::scored).sum();
    }

    /** The sum of the NLL of all texts that are held back. */
    double score() throws IOException, InterruptedException {
        return stages().score(data().validation());
    }

    /** How the model goes on from the beginnings that the job names. */
    List<SampleText> samples() throws IOException, InterruptedException {
        if (planned.job().monitor().sample().isEmpty()) {
            return List.of();
        }
        ModelFolder folder = ModelFolder.open(Path.of(planned.sources().model().path()));
        try (ModelVocabulary vocabulary = new ModelVocabulary(folder, LlamaConfig.of(folder))) {
            List<long[]> prompts = SamplePrompts.of(planned.job(), vocabulary);
            List<long[]> added = stages().continued(prompts, SamplePrompts.NEW_IDS);
            List<SampleText> samples = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                samples.add(
                        new SampleText(
                                vocabulary.tokenizer().decodeWithoutSpecial(prompts.get(i)),
                                vocabulary.tokenizer().decodeWithoutSpecial(added.get(i))));
            }
            return samples;
        }
    }

    /** The state of the stages gets to the disk while they go on. */
    void save(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        saved.settle(stages().save(folder));
    }

    /** Whether all that was saved is on the disk. */
    boolean isSettled() {
        return saved.isSettled();
    }

    /** What was saved, once it is on the disk. */
    List<CheckpointPart> settled() throws IOException, InterruptedException {
        return saved.await();
    }

    /** A written result. */
    record Result(List<WrittenShard> shards, Optional<Examination> examination) {}

    /** Writes the weights of the result, stage by stage, so that no more is in memory at once. */
    Result export(Checkpoint from, Path folder) throws IOException, InterruptedException {
        close();
        Files.createDirectories(folder);
        Parts parts = Parts.of(planned, planned.last());
        List<WrittenShard> shards;
        try (ModelExport whole = ModelExport.into(folder, planned.last());
                AdapterExport adapter = AdapterExport.into(folder, planned, parts.model())) {
            for (int stage = 0; stage < parts.map().count(); stage++) {
                StageSetup setup =
                        parts.setup(stage, device, Optional.empty(), Optional.of(from), false);
                StageEdges none = StageEdges.inProcess(parts.map(), 1);
                try (StageThreads one = StageThreads.open(List.of(setup), none)) {
                    one.export(own -> own.export(whole));
                    one.export(own -> own.exportAdapter(adapter));
                }
            }
            adapter.finish();
            shards = whole.finish();
        }
        return new Result(
                shards, ResultExamination.of(planned, parts.model(), from, folder, shards));
    }

    private StageThreads stages() {
        StageThreads open = stages;
        if (open == null) {
            throw new IllegalStateException("the stages have not begun");
        }
        return open;
    }

    private TrainingData data() {
        TrainingData rows = data;
        if (rows == null) {
            throw new IllegalStateException("the stages have not begun");
        }
        return rows;
    }

    /** Frees the memory of the stages, and breaks their edges; they may begin again. */
    @Override
    public void close() {
        links.close();
        saved.close();
        if (stages != null) {
            stages.close();
            stages = null;
            undecided = false;
        }
    }
}
