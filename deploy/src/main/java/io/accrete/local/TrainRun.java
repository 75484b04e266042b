package io.accrete.local;

import io.accrete.coordinator.merge.OutputFolder;
import io.accrete.coordinator.merge.Staging;
import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.PipelineSchedule;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan.StagePlan;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.train.PipelineMap;
import io.accrete.worker.train.StageSetup;
import io.accrete.worker.train.TrainingData;
import io.accrete.worker.train.TrainingModel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** One training on this machine, from the job to the published folder. */
public final class TrainRun {
    private final PlannedTraining planned;
    private final Staging staging;
    private final TrainListener listener;
    private final StopSignal stop;
    private final String program;

    private TrainRun(
            PlannedTraining planned,
            Staging staging,
            TrainListener listener,
            StopSignal stop,
            String program) {
        this.planned = planned;
        this.staging = staging;
        this.listener = listener;
        this.stop = stop;
        this.program = program;
    }

    /** What came of it. */
    public sealed interface Outcome {
        /** Nothing was done. */
        record Refused(List<Problem> problems) implements Outcome {}

        record Published(TrainSummary summary) implements Outcome {}

        /** The same job has published this very folder before. */
        record ThereAlready(String job) implements Outcome {}

        /** A signal stopped it; the same command goes on. */
        record Interrupted() implements Outcome {}
    }

    /**
     * Blocks until the job has ended or {@code stop} was raised.
     *
     * @param program what runs, with its version
     */
    public static Outcome run(
            PlannedTraining planned,
            Path output,
            TrainListener listener,
            StopSignal stop,
            String program)
            throws IOException, InterruptedException {
        Staging staging = Staging.of(output);
        TrainRun run = new TrainRun(planned, staging, listener, stop, program);
        try {
            return stop.await("training", run::run);
        } catch (StopSignal.Stopped e) {
            return new Outcome.Interrupted();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private Outcome run() throws IOException, InterruptedException {
        Optional<Problem> occupied = Optional.empty();
        switch (OutputFolder.look(staging)) {
            case OutputFolder.Vacant _ when !staging.inside() -> {}
            case OutputFolder.Vacant _ ->
                    occupied =
                            Optional.of(
                                    error(
                                            "STO-215",
                                            staging.output(),
                                            "it is a mount point, which a training cannot be"
                                                    + " published into yet",
                                            "name a folder inside of it"));
            case OutputFolder.Published(String by, boolean complete)
                    when by.equals(planned.digest()) && complete -> {
                return new Outcome.ThereAlready(planned.digest());
            }
            case OutputFolder.Published _ -> occupied = Optional.of(taken("another result"));
            case OutputFolder.OtherModel _ -> occupied = Optional.of(taken("another model"));
            case OutputFolder.Foreign(String what) -> occupied = Optional.of(taken(what));
        }
        if (occupied.isPresent()) {
            return new Outcome.Refused(List.of(occupied.get()));
        }
        try (StagingLock _ = StagingLock.take(staging.root())) {
            TrainFolder folder = new TrainFolder(staging);
            Optional<String> owner = folder.owner();
            if (owner.isPresent() && !owner.get().equals(planned.digest())) {
                return new Outcome.Refused(List.of(othersWork()));
            }
            folder.own(planned.digest());
            TrainSummary summary = train(folder);
            StagingFolder.delete(staging.root());
            return new Outcome.Published(summary);
        } catch (StagingLock.Taken e) {
            return new Outcome.Refused(
                    List.of(
                            error(
                                    "STO-210",
                                    staging.root(),
                                    "another job into %s is running: %s"
                                            .formatted(staging.output(), e.owner()),
                                    "wait for it, or stop it first")));
        }
    }

    private Problem taken(String what) {
        return error(
                "STO-216",
                staging.output(),
                "something else stands there already: " + what,
                "choose another output, or move it away");
    }

    private Problem othersWork() {
        return error(
                "STO-211",
                staging.root(),
                "it holds an unfinished training with another job file, model or data",
                "finish that one with its own command, or delete the folder to drop it");
    }

    private static Problem error(String code, Path file, String message, String fix) {
        return Problem.error(code, file.toString(), message, fix);
    }

    private TrainSummary train(TrainFolder folder) throws IOException, InterruptedException {
        TrainJob job = planned.plan().job();
        TrainingModel model = TrainingModel.of(planned);
        TrainingData data = TrainingData.read(planned, model);
        Optional<TrainFolder.Saved> saved = folder.latest(listener::note);
        PipelineMap map =
                new PipelineMap(
                        model.config(),
                        planned.plan().added(),
                        planned.plan().stages().stream().map(StagePlan::slices).toList(),
                        planned.plan().parameters());
        PipelineSchedule schedule =
                new PipelineSchedule(
                        job.pipeline().schedule(),
                        map.count(),
                        job.batch().accumulate(),
                        job.pipeline().slicesPerStage());
        listener.begun(
                model.folder().path().toString(),
                parameters(model, false),
                parameters(model, true),
                map.count(),
                job.steps(),
                saved.map(s -> s.state().step()).orElse(0));
        if (data.split() > 0) {
            listener.note(
                    "%d rows are longer than data.sequence_length %d and were split"
                            .formatted(data.split(), job.data().sequenceLength()));
        }
        try (StageThreads threads =
                new StageThreads(setups(model, map, schedule, saved), depth(schedule))) {
            TrainingLoop loop =
                    new TrainingLoop(
                            planned,
                            data,
                            new LearningRate(job.optimizer(), job.steps()),
                            threads,
                            folder,
                            listener,
                            stop);
            TrainSummary summary = loop.run(saved);
            new TrainedFolder(staging, planned, model).publish(threads, folder.metrics(), program);
            return summary;
        }
    }

    private List<StageSetup> setups(
            TrainingModel model,
            PipelineMap map,
            PipelineSchedule schedule,
            Optional<TrainFolder.Saved> saved) {
        TrainJob job = planned.plan().job();
        List<StageSetup> setups = new ArrayList<>();
        for (int stage = 0; stage < map.count(); stage++) {
            setups.add(
                    new StageSetup(
                            stage,
                            model.config(),
                            model.folder(),
                            model.surgery(),
                            map,
                            schedule.of(stage),
                            job.optimizer(),
                            !planned.plan().recompute(),
                            job.pipeline().threads(),
                            new ComputeDevice.Cpu(),
                            job.seed(),
                            model.adapter(),
                            model.teacher(),
                            saved.map(TrainFolder.Saved::checkpoint)));
        }
        return setups;
    }

    /** A teacher's states go behind the model's own. */
    private int depth(PipelineSchedule schedule) {
        boolean taught = planned.plan().job().distill().isPresent();
        return taught ? 2 * schedule.edgeDepth() : schedule.edgeDepth();
    }

    private long parameters(TrainingModel model, boolean trained) {
        Map<String, Shape> shapes = new HashMap<>();
        planned.tensors().forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
        LlamaConfig config = model.config();
        shapes.putAll(
                planned.plan()
                        .added()
                        .shapes(config.layers(), (_, target) -> config.shape(target)));
        return planned.plan().parameters().stream()
                .filter(p -> p.trained() || !trained)
                .map(p -> Optional.ofNullable(shapes.get(p.name())).orElseThrow())
                .mapToLong(Shape::elements)
                .sum();
    }
}
