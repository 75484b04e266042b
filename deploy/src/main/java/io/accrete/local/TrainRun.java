package io.accrete.local;

import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.finetune.AnotherCut;
import io.accrete.coordinator.finetune.BaselineSpec;
import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.finetune.TrainPlanning.Prepared;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.merge.Planner;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainSources;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One training on this machine, from its job file to the published folder. */
public final class TrainRun implements RunKind {
    private final JobSpec spec;
    private final Staging staging;
    private final TrainListener listener;
    private final MetricsTail metrics;
    private List<Problem> problems = List.of();
    private Optional<PlannedTraining> planned = Optional.empty();
    private final Set<String> told = new HashSet<>();
    private int recoveries = -1;

    /** Of the base that is trained after a growth, so that it has as many steps. */
    private final Optional<Staging> base;

    private @Nullable MetricsTail metricsOfBase;

    private TrainRun(JobSpec spec, Staging staging, TrainListener listener) throws IOException {
        this.spec = spec;
        this.staging = staging;
        this.listener = listener;
        this.metrics = new MetricsTail(staging, listener);
        this.base =
                BaselineSpec.afterwards(spec, 1).isPresent()
                        ? Optional.of(Staging.of(BaselineSpec.output(Path.of(spec.output()))))
                        : Optional.empty();
    }

    /**
     * Blocks until the job has ended or {@code stop} was raised.
     *
     * @param devices for each a worker, over which the stages are spread; each stage has a thread
     */
    public static RunOutcome run(
            JobSpec spec, List<PresentDevice> devices, TrainListener listener, StopSignal stop)
            throws IOException, InterruptedException {
        Staging staging = Staging.of(Path.of(spec.output()));
        return new JobRun(spec, staging, devices, new TrainRun(spec, staging, listener), stop)
                .run();
    }

    @Override
    public String name() {
        return "training";
    }

    @Override
    public Proof prove() {
        Prepared prepared = TrainPlanning.prepare(spec);
        planned = prepared.training();
        problems = prepared.problems();
        return new Proof(
                planned.map(found -> StagedJob.of(spec, found.digest(), files(found.sources()))),
                problems);
    }

    private static List<FileIdentity> files(TrainSources sources) {
        List<FileIdentity> files = new ArrayList<>(sources.model().weights());
        sources.teacher().ifPresent(teacher -> files.addAll(teacher.weights()));
        sources.adapter().ifPresent(adapter -> files.addAll(adapter.weights()));
        for (DataFile file : sources.train()) {
            files.add(new FileIdentity(file.path(), file.bytes(), file.modifiedNanos(), ""));
        }
        for (DataFile file : sources.validation()) {
            files.add(new FileIdentity(file.path(), file.bytes(), file.modifiedNanos(), ""));
        }
        return files;
    }

    @Override
    public void begin() throws IOException {
        PlannedTraining training = planned.orElseThrow();
        String folder = training.sources().model().path();
        LlamaConfig config =
                LlamaConfig.of(ModelFolder.open(Path.of(folder)))
                        .withLayers(training.last().plan().sites().size());
        if (training.phases().size() == 1) {
            listener.cut(training.last().plan().stages());
        }
        listener.planned(
                folder,
                parameters(training, config, false),
                parameters(training, config, true),
                training.stages(),
                training.steps(),
                problems);
    }

    private static long parameters(PlannedTraining training, LlamaConfig config, boolean trained) {
        Map<String, Shape> shapes = new HashMap<>();
        training.last().tensors().forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
        shapes.putAll(
                training.last()
                        .plan()
                        .added()
                        .shapes(config.layers(), (_, target) -> config.shape(target)));
        return training.last().plan().parameters().stream()
                .filter(p -> p.trained() || !trained)
                .map(p -> Optional.ofNullable(shapes.get(p.name())).orElseThrow())
                .mapToLong(Shape::elements)
                .sum();
    }

    @Override
    public JobCommand.Recut recut() throws IOException {
        return AnotherCut.of(spec, planned.orElseThrow(), staging, problems);
    }

    @Override
    public Planner planner() {
        return MergePlanning::prove;
    }

    @Override
    public void observed(JobView view) throws IOException {
        Optional<TrainProgress> training = view.training();
        if (training.isPresent()) {
            if (recoveries < 0 && training.get().saved() > 0) {
                metrics.skip(training.get().saved());
                listener.resumed(training.get().saved());
            }
            boolean recovered = recoveries >= 0 && training.get().recoveries() > recoveries;
            if (recovered && view.reasonCode().equals(ReasonCode.STOCK_TAKEN.name())) {
                listener.note(view.reason());
            }
            recoveries = training.get().recoveries();
            training.get().notes().stream().filter(told::add).forEach(listener::note);
        }
        metrics.tell();
        if (training.isPresent() && base.isPresent()) {
            observed(base.get(), training.get().step());
        }
    }

    private void observed(Staging besides, int steps) throws IOException {
        if (metricsOfBase == null && Files.exists(besides.metrics())) {
            metricsOfBase = new MetricsTail(besides, listener);
            listener.beside(besides.output().toString(), steps);
        }
        if (metricsOfBase != null) {
            metricsOfBase.tell();
        }
    }

    @Override
    public Optional<String> where(JobView view) {
        return view.training()
                .map(
                        training ->
                                "stopped after step %d of %d; the same command goes on from step %d"
                                        .formatted(
                                                training.step(),
                                                training.steps(),
                                                training.saved() + 1));
    }
}
