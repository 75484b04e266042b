package io.accrete.local;

import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.finetune.ExportProof;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.merge.Planner;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.worker.tensor.PresentDevice;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One export of a training on this machine, which may be running meanwhile. */
public final class ExportRun implements RunKind {
    private final JobSpec spec;
    private final Staging staging;

    private ExportRun(JobSpec spec, Staging staging) {
        this.spec = spec;
        this.staging = staging;
    }

    /**
     * Blocks until the job has ended or {@code stop} was raised.
     *
     * @param devices one of the kind that the training is computed on
     */
    public static RunOutcome run(JobSpec spec, List<PresentDevice> devices, StopSignal stop)
            throws IOException, InterruptedException {
        Staging staging = Staging.of(Path.of(spec.output()));
        return new JobRun(spec, staging, devices, new ExportRun(spec, staging), stop).run();
    }

    /** Whether a training works, or worked, into that folder. */
    public static boolean isTraining(Path folder) throws IOException {
        Staging staging = Staging.of(folder);
        return staging.root().toFile().isDirectory() || staging.output().toFile().isDirectory();
    }

    @Override
    public String name() {
        return "export";
    }

    /** An export that has its checkpoint already does not ask what became of the training. */
    @Override
    public Proof prove() throws IOException {
        Optional<StagedJob> begun = begun();
        if (begun.isPresent()) {
            return new Proof(begun, List.of());
        }
        ExportProof proof = ExportProof.of(spec, staging);
        return new Proof(
                proof.chosen()
                        .map(
                                chosen ->
                                        StagedJob.of(
                                                spec,
                                                chosen.training().digest(),
                                                chosen.training().sources().model().weights())),
                proof.problems());
    }

    private Optional<StagedJob> begun() throws IOException {
        try {
            StagedJob mine = StagedJob.of(spec, "", List.of());
            return StagedJob.read(staging.root()).filter(job -> job.key().equals(mine.key()));
        } catch (StagedJob.Damaged e) {
            return Optional.empty(); // which the run says
        }
    }

    @Override
    public void begin() {}

    @Override
    public Planner planner() {
        return MergePlanning::prove;
    }

    @Override
    public void observed(JobView view) {}

    @Override
    public Optional<String> where(JobView view) {
        return Optional.of("stopped; the same command goes on");
    }
}
