package io.accrete.local;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.merge.Staging;
import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.PipelineSchedule;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.PipelineSettings;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.train.PipelineMap;
import io.accrete.worker.train.StageSetup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** One training on this machine, from the job to the published folder. */
public final class TrainRun {
    private final TrainJob job;
    private final ModelLocator locator;
    private final Staging staging;
    private final TrainListener listener;
    private final StopSignal stop;
    private final String program;

    private TrainRun(
            TrainJob job,
            ModelLocator locator,
            Staging staging,
            TrainListener listener,
            StopSignal stop,
            String program) {
        this.job = job;
        this.locator = locator;
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
     * @param locator where models are looked for; relative paths of the job count from its
     *     directory
     * @param program what runs, with its version
     */
    public static Outcome run(
            TrainJob job,
            Path output,
            ModelLocator locator,
            TrainListener listener,
            StopSignal stop,
            String program)
            throws IOException, InterruptedException {
        Staging staging = Staging.of(output);
        TrainRun run = new TrainRun(job, locator, staging, listener, stop, program);
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
        try {
            refuseWhatDoesNotRun();
            TrainInputs inputs = TrainInputs.of(job, locator);
            if (publishedBy(inputs.digest())) {
                return new Outcome.ThereAlready(inputs.digest());
            }
            try (StagingLock _ = StagingLock.take(staging.root())) {
                TrainFolder folder = new TrainFolder(staging);
                claim(folder, inputs.digest());
                TrainSummary summary = train(inputs, folder);
                StagingFolder.delete(staging.root());
                return new Outcome.Published(summary);
            } catch (StagingLock.Taken e) {
                throw TrainInputs.refused(
                        "STO-210",
                        staging.root().toString(),
                        "another job into %s is running: %s".formatted(staging.output(), e.owner()),
                        "wait for it, or stop it first");
            }
        } catch (TrainInputs.Refused e) {
            return new Outcome.Refused(e.problems());
        }
    }

    private void refuseWhatDoesNotRun() throws TrainInputs.Refused {
        if (job.output().which() == OutputSettings.Which.BEST) {
            throw TrainInputs.refused(
                    "TRN-204", "", "`output.which: best` does not run yet", "take `last`");
        }
        if (!job.monitor().sample().isEmpty()) {
            throw TrainInputs.refused(
                    "TRN-205", "", "`monitor.sample` does not run yet", "use `accrete generate`");
        }
        if (staging.inside()) {
            throw TrainInputs.refused(
                    "STO-215",
                    staging.output().toString(),
                    "it is a mount point, which a training cannot be published into yet",
                    "name a folder inside of it");
        }
    }

    private boolean publishedBy(String digest) throws IOException, TrainInputs.Refused {
        Path output = staging.output();
        if (!Files.exists(output)) {
            return false;
        }
        if (Files.isDirectory(output)) {
            try (Stream<Path> entries = Files.list(output)) {
                if (entries.findAny().isEmpty()) {
                    return false;
                }
            }
            Path lineage = output.resolve(LineageFile.NAME);
            if (Files.isRegularFile(lineage)
                    && new ObjectMapper()
                            .readTree(lineage.toFile())
                            .path("job")
                            .asText()
                            .equals(digest)) {
                return true;
            }
        }
        throw TrainInputs.refused(
                "STO-216",
                output.toString(),
                "something else stands there already",
                "choose another output, or move it away");
    }

    private void claim(TrainFolder folder, String digest) throws IOException, TrainInputs.Refused {
        Optional<String> owner = folder.owner();
        if (owner.isPresent() && !owner.get().equals(digest)) {
            throw TrainInputs.refused(
                    "STO-211",
                    staging.root().toString(),
                    "it holds an unfinished training with another job file, model or data",
                    "finish that one with its own command, or delete the folder to drop it");
        }
        folder.own(digest);
    }

    private TrainSummary train(TrainInputs inputs, TrainFolder folder)
            throws IOException, InterruptedException, TrainInputs.Refused {
        Optional<TrainFolder.Saved> saved = folder.latest(listener::note);
        PipelineSettings pipeline = job.pipeline();
        int stages = pipeline.stages().orElse(1);
        int parts = stages * pipeline.slicesPerStage();
        if (parts > inputs.config().layers()) {
            throw TrainInputs.refused(
                    "TRN-206",
                    "",
                    "%d stages with %d slices each need as many layers; the model has %d"
                            .formatted(stages, pipeline.slicesPerStage(), inputs.config().layers()),
                    "at most %d stages"
                            .formatted(inputs.config().layers() / pipeline.slicesPerStage()));
        }
        PipelineMap map =
                new PipelineMap(
                        inputs.config(),
                        slices(inputs.config().layers(), stages, pipeline.slicesPerStage()),
                        inputs.parameters());
        PipelineSchedule schedule =
                new PipelineSchedule(
                        pipeline.schedule(),
                        stages,
                        job.batch().accumulate(),
                        pipeline.slicesPerStage());
        int done = saved.map(s -> s.state().step()).orElse(0);
        listener.begun(
                inputs.folder().path().toString(),
                parameters(inputs, false),
                parameters(inputs, true),
                stages,
                job.steps(),
                done);
        if (inputs.rows().split() > 0) {
            listener.note(
                    "%d rows are longer than data.sequence_length %d and were split"
                            .formatted(inputs.rows().split(), job.data().sequenceLength()));
        }
        try (StageThreads threads =
                new StageThreads(setups(inputs, map, schedule, saved), schedule.edgeDepth())) {
            TrainingLoop loop =
                    new TrainingLoop(
                            job,
                            inputs,
                            new LearningRate(job.optimizer(), job.steps()),
                            threads,
                            folder,
                            listener,
                            stop);
            TrainSummary summary = loop.run(saved);
            new TrainedFolder(staging, job, inputs).publish(threads, folder.metrics(), program);
            return summary;
        }
    }

    private List<StageSetup> setups(
            TrainInputs inputs,
            PipelineMap map,
            PipelineSchedule schedule,
            Optional<TrainFolder.Saved> saved) {
        List<StageSetup> setups = new ArrayList<>();
        for (int stage = 0; stage < map.count(); stage++) {
            setups.add(
                    new StageSetup(
                            stage,
                            inputs.config(),
                            inputs.folder(),
                            inputs.surgery(),
                            map,
                            schedule.of(stage),
                            job.optimizer(),
                            job.pipeline().activations() != PipelineSettings.Activations.RECOMPUTE,
                            job.pipeline().threads(),
                            new ComputeDevice.Cpu(),
                            saved.map(TrainFolder.Saved::checkpoint)));
        }
        return setups;
    }

    /** Neighbouring sites, as many on each as can be; part {@code v * stages + s} on stage s. */
    private static List<List<SiteRange>> slices(int layers, int stages, int slicesPerStage) {
        int parts = stages * slicesPerStage;
        List<List<SiteRange>> slices = new ArrayList<>();
        for (int stage = 0; stage < stages; stage++) {
            List<SiteRange> own = new ArrayList<>();
            for (int slice = 0; slice < slicesPerStage; slice++) {
                int part = slice * stages + stage;
                own.add(new SiteRange(layers * part / parts, layers * (part + 1) / parts));
            }
            slices.add(own);
        }
        return slices;
    }

    private static long parameters(TrainInputs inputs, boolean trained) {
        return inputs.parameters().stream()
                .filter(p -> p.trained() || !trained)
                .map(ParameterSettings::name)
                .mapToLong(
                        name ->
                                Optional.ofNullable(inputs.tensors().get(name))
                                        .orElseThrow()
                                        .elements())
                .sum();
    }
}
