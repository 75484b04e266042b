package io.accrete.local;

import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.train.CheckpointPart;
import io.accrete.worker.train.MicroBatch;
import io.accrete.worker.train.StageReport;
import io.accrete.worker.train.StageReport.MicroLoss;
import io.accrete.worker.train.TrainingData;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The steps of a training: data in, reports of all stages, one decision, weights moved. */
final class TrainingLoop {
    private final TrainJob job;
    private final String digest;
    private final TrainingData data;
    private final LearningRate rate;
    private final StageThreads stages;
    private final TrainFolder folder;
    private final TrainListener listener;
    private final StopSignal stop;

    private long tokens;
    private double loss = Double.NaN;
    private Optional<Double> validationBefore = Optional.empty();
    private Optional<Double> lastValidation = Optional.empty();

    TrainingLoop(
            PlannedTraining planned,
            TrainingData data,
            LearningRate rate,
            StageThreads stages,
            TrainFolder folder,
            TrainListener listener,
            StopSignal stop) {
        this.job = planned.plan().job();
        this.digest = planned.digest();
        this.data = data;
        this.rate = rate;
        this.stages = stages;
        this.folder = folder;
        this.listener = listener;
        this.stop = stop;
    }

    /** All steps after those of the checkpoint. */
    TrainSummary run(Optional<TrainFolder.Saved> saved) throws IOException, InterruptedException {
        saved.map(TrainFolder.Saved::state).ifPresent(this::restore);
        int done = saved.map(s -> s.state().step()).orElse(0);
        long metricsBytes = saved.map(s -> s.state().metricsBytes()).orElse(0L);
        long begun = System.nanoTime();
        long tokensBefore = tokens;
        try (MetricsFile metrics = MetricsFile.open(folder.metrics(), metricsBytes)) {
            if (done == 0) {
                validate(0, metrics);
                validationBefore = lastValidation;
            }
            for (int step = done + 1; step <= job.steps(); step++) {
                stop.reached(
                        "stopped in step %d of %d; the same command goes on from step %d"
                                .formatted(step, job.steps(), done + 1));
                step(step, metrics);
                boolean last = step == job.steps();
                if (last || step % job.monitor().validateEvery() == 0) {
                    validate(step, metrics);
                }
                if (last || step % job.checkpoint().every() == 0) {
                    save(step, metrics);
                    done = step;
                }
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new TrainSummary(
                job.steps(),
                tokens,
                loss,
                validationBefore,
                lastValidation,
                (tokens - tokensBefore) / seconds,
                saved.isPresent() ? 1 : 0,
                digest);
    }

    private void restore(TrainFolder.State state) {
        tokens = state.tokens();
        loss = state.loss();
        validationBefore = state.validationBefore();
        lastValidation = state.lastValidation();
    }

    private void step(int step, MetricsFile metrics) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        List<MicroBatch> microBatches = microBatches(step);
        long targets = microBatches.stream().mapToLong(MicroBatch::scored).sum();
        List<MicroLoss> losses = List.of();
        SortedMap<String, Double> squares = new TreeMap<>();
        for (StageReport report : stages.run(microBatches, targets)) {
            squares.putAll(report.squares());
            losses = report.losses().isEmpty() ? losses : report.losses();
        }
        double lossSum = losses.stream().mapToDouble(MicroLoss::loss).sum();
        StepDecision decision = StepDecision.of(rate, step, lossSum, targets, squares);
        stages.apply(decision.verdict());
        tokens += targets;
        loss = decision.loss();
        double seconds = (System.nanoTime() - begun) / 1e9;
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("tokens", targets);
        line.put("loss", finite(decision.loss()));
        line.put("micro_losses", means(microBatches, losses, MicroLoss::loss));
        if (job.distill().isPresent()) {
            line.put("micro_cross_entropy", means(microBatches, losses, MicroLoss::nll));
            line.put("micro_kl", means(microBatches, losses, MicroLoss::kl));
        }
        line.put("grad_norm", finite(decision.gradNorm()));
        switch (decision.verdict()) {
            case StepVerdict.Apply(double learningRate, double clip) -> {
                line.put("clip", clip);
                line.put("learning_rate", learningRate);
            }
            case StepVerdict.Skip(String reason) -> {
                line.put("clip", null);
                line.put("learning_rate", rate.at(step));
                listener.note("step %d was skipped: %s".formatted(step, reason));
            }
        }
        line.put("seconds", seconds);
        line.put("tokens_per_second", targets / seconds);
        line.put("skipped", decision.verdict() instanceof StepVerdict.Skip);
        metrics.add(line);
        listener.figures(line);
    }

    private static List<@Nullable Double> means(
            List<MicroBatch> microBatches,
            List<MicroLoss> losses,
            ToDoubleFunction<MicroLoss> sum) {
        List<@Nullable Double> means = new ArrayList<>();
        for (int i = 0; i < microBatches.size(); i++) {
            means.add(finite(sum.applyAsDouble(losses.get(i)) / microBatches.get(i).scored()));
        }
        return means;
    }

    /** JSON has no NaN. */
    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** The rows of a step follow from its number alone. */
    private List<MicroBatch> microBatches(int step) {
        return data.step((long) (step - 1) * job.batch().microBatch() * job.batch().accumulate());
    }

    private void validate(int step, MetricsFile metrics) throws IOException, InterruptedException {
        List<MicroBatch> validation = data.validation();
        if (validation.isEmpty()) {
            return;
        }
        long scored = validation.stream().mapToLong(MicroBatch::scored).sum();
        double mean = stages.score(validation) / scored;
        lastValidation = Optional.of(mean);
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        figures.put("loss", finite(mean));
        figures.put("perplexity", finite(Math.exp(mean)));
        figures.put("tokens", scored);
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("validation", figures);
        metrics.add(line);
        listener.figures(line);
    }

    private void save(int step, MetricsFile metrics) throws IOException, InterruptedException {
        long metricsBytes = metrics.bytes();
        Path draft = folder.draft();
        List<CheckpointPart> parts = stages.save(draft);
        folder.commit(
                new TrainFolder.State(
                        step, tokens, loss, metricsBytes, validationBefore, lastValidation, parts),
                job.checkpoint().keep());
    }
}
