package io.accrete.local;

import io.accrete.coordinator.EarlySettings;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.merge.Planner;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One merge on this machine, from the recipe to the published folder. */
public final class MergeRun implements RunKind {
    /** Bound on {@code --workers}. */
    public static final int WORKERS_MAX = 256;

    private static final int WORKERS_DEFAULT_MAX = 4;
    private final JobSpec spec;
    private final RunListener listener;
    private @Nullable PlanOutcome outcome;

    private MergeRun(JobSpec spec, RunListener listener) {
        this.spec = spec;
        this.listener = listener;
    }

    /**
     * Begins on another thread what every run needs, whatever it merges: for who still has to find
     * out what that is.
     */
    public static void prepare() {
        Thread.ofPlatform().daemon().name("early-settings").start(EarlySettings::read);
    }

    public static int defaultWorkers() {
        return Math.min(Runtime.getRuntime().availableProcessors(), WORKERS_DEFAULT_MAX);
    }

    /** Blocks until the job has ended or {@code stop} was raised. */
    public static RunOutcome run(JobSpec spec, int workers, RunListener listener, StopSignal stop)
            throws IOException, InterruptedException {
        Staging staging = Staging.of(Path.of(spec.output()));
        List<PresentDevice> devices = Collections.nCopies(workers, PresentDevice.cpu());
        return new JobRun(spec, staging, devices, new MergeRun(spec, listener), stop).run();
    }

    @Override
    public String name() {
        return "merge";
    }

    @Override
    public Proof prove() {
        PlanOutcome proven = MergePlanning.plan(spec);
        outcome = proven;
        return new Proof(
                proven.plan()
                        .filter(_ -> !proven.hasErrors())
                        .map(plan -> StagedJob.of(spec, plan.job(), plan.sources())),
                proven.problems());
    }

    @Override
    public void begin() {
        PlanOutcome proven = proven();
        MergePlan plan = proven.plan().orElseThrow();
        listener.planned(plan, proven.problems());
        EarlyStart.ofEngine(plan);
    }

    /** The coordinator asks for what was planned a moment ago, in this process. */
    @Override
    public Planner planner() {
        PlanOutcome proven = proven();
        return asked ->
                asked.equals(spec)
                        ? new Planner.Outcome(proven.plan(), proven.problems())
                        : MergePlanning.prove(asked);
    }

    private PlanOutcome proven() {
        PlanOutcome known = outcome;
        if (known == null) {
            throw new IllegalStateException("a merge that was never planned");
        }
        return known;
    }

    @Override
    public void observed(JobView view) {
        listener.observed(view);
    }

    @Override
    public Optional<String> where(JobView view) {
        int shards = view.progress().tasksTotal();
        return shards == 0
                ? Optional.empty()
                : Optional.of(
                        "stopped with %d of %d shards done; the same command goes on from there"
                                .formatted(view.progress().tasksDone(), shards));
    }
}
