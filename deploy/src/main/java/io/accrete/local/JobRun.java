package io.accrete.local;

import io.accrete.coordinator.Journal;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.ListReply;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** One job on this machine, from its text to the published folder. */
final class JobRun {
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration LOOK_MAX = Duration.ofMillis(250);

    /** Of one journal: its own job, and that of a base beside it. */
    private static final int JOBS_MAX = 10;

    private final JobSpec spec;
    private final Staging staging;
    private final List<PresentDevice> devices;
    private final RunKind kind;
    private final StopSignal stop;
    private @Nullable String job;

    /**
     * @param devices for each a worker
     */
    JobRun(
            JobSpec spec,
            Staging staging,
            List<PresentDevice> devices,
            RunKind kind,
            StopSignal stop) {
        this.spec = spec;
        this.staging = staging;
        this.devices = devices;
        this.kind = kind;
        this.stop = stop;
    }

    /** Blocks until the job has ended or {@code stop} was raised. */
    RunOutcome run() throws IOException, InterruptedException {
        EarlyStart start = EarlyStart.ofCluster(staging.journal());
        boolean used = false;
        try {
            RunOutcome outcome = planned(start);
            used = !(outcome instanceof RunOutcome.Refused);
            return outcome;
        } catch (StopSignal.Stopped e) {
            used = true; // the process ends, and a cluster with it
            return new RunOutcome.Interrupted(Optional.ofNullable(job));
        } finally {
            if (!used) {
                start.abandon();
            }
        }
    }

    private RunOutcome planned(EarlyStart start)
            throws IOException, InterruptedException, StopSignal.Stopped {
        RunKind.Proof proof = work("planning", kind::prove);
        if (proof.job().isEmpty() || proof.problems().stream().anyMatch(Problem::isError)) {
            return new RunOutcome.Refused(proof.problems());
        }
        StagedJob mine = proof.job().get();
        job = mine.job();
        Optional<String> obstacle = Journal.obstacle(staging.journal());
        if (obstacle.isPresent()) {
            return new RunOutcome.Refused(List.of(unwritable(new IOException(obstacle.get()))));
        }
        StagingLock lock;
        try {
            lock = StagingLock.take(staging.root());
        } catch (StagingLock.Taken e) {
            return new RunOutcome.Refused(List.of(taken(e)));
        } catch (IOException e) {
            return new RunOutcome.Refused(List.of(unwritable(e)));
        }
        try (lock) {
            StagedJob earlier;
            try {
                earlier = StagedJob.read(staging.root()).orElse(mine);
            } catch (StagedJob.Damaged e) {
                return new RunOutcome.Refused(List.of(damaged()));
            }
            Optional<Problem> conflict = conflict(mine, earlier);
            if (conflict.isPresent()) {
                return new RunOutcome.Refused(List.of(conflict.get()));
            }
            StagedJob goingOn = mine.goingOn(earlier);
            boolean anew = !earlier.isBy(mine);
            (anew ? goingOn.undecided() : goingOn).write(staging.root());
            kind.begin();
            RunOutcome ended = execute(goingOn, anew, start);
            if (ended instanceof RunOutcome.Ended(String _, JobView view)
                    && view.phase().isTerminal()) {
                StagingFolder.delete(staging.root());
            }
            return ended;
        }
    }

    private RunOutcome execute(StagedJob mine, boolean anew, EarlyStart start)
            throws IOException, InterruptedException, StopSignal.Stopped {
        // Not closed when it is stopped: the process ends, which costs no more than a kill, and
        // actors in the middle of an event keep their journal until then.
        EmbeddedCluster cluster = work("starting", start::cluster);
        try {
            Jobs jobs = work("opening", () -> cluster.open(devices, kind.planner()));
            RunOutcome ended = follow(jobs, mine, anew);
            cluster.close();
            return ended;
        } catch (IOException | RuntimeException e) {
            try {
                cluster.close();
            } catch (IOException alsoThis) {
                e.addSuppressed(alsoThis);
            }
            throw e;
        }
    }

    /**
     * @param anew the job has begun by another command
     */
    private RunOutcome follow(Jobs jobs, StagedJob mine, boolean anew)
            throws IOException, InterruptedException, StopSignal.Stopped {
        Optional<JobView> known = anew ? recut(jobs, mine) : Optional.empty();
        JobView view = known.isPresent() ? known.get() : submitted(jobs, mine);
        if (view.phase() == JobPhase.PAUSED) {
            view = answer(jobs.resume(view.id()));
        }
        observed(view);
        long begun = System.nanoTime();
        while (!view.phase().isTerminal() && view.phase() != JobPhase.PAUSED) {
            stop.sleep(untilNextLook(System.nanoTime() - begun));
            view = answer(jobs.view(view.id())).orElse(view);
            observed(view);
        }
        return new RunOutcome.Ended(mine.job(), view);
    }

    private JobView submitted(Jobs jobs, StagedJob mine)
            throws IOException, InterruptedException, StopSignal.Stopped {
        return answer(jobs.submit(spec, mine.key(), System.getProperty("user.name")));
    }

    /**
     * The job that another command has begun, which is to go on by this one; left as it is where it
     * only has to be published. Empty if it was never submitted.
     */
    private Optional<JobView> recut(Jobs jobs, StagedJob mine)
            throws IOException, InterruptedException, StopSignal.Stopped {
        Optional<JobView> begun =
                answer(jobs.list(JobQuery.newest(JOBS_MAX))) instanceof ListReply.Page page
                        ? page.jobs().stream()
                                .filter(one -> one.output().equals(spec.output()))
                                .findFirst()
                        : Optional.empty();
        if (begun.isEmpty()) {
            return Optional.empty();
        }
        JobView view = begun.get();
        while (!view.phase().isTerminal()
                && view.phase() != JobPhase.PUBLISHING
                && view.phase() != JobPhase.PAUSED) {
            if (view.phase() == JobPhase.RUNNING || view.phase() == JobPhase.RECOVERING) {
                // Whether that is refused, since it ends just now, shows in its phase.
                answer(jobs.pause(view.id()).handle((_, _) -> true));
            }
            stop.sleep(LOOK);
            view = answer(jobs.view(view.id())).orElse(view);
        }
        if (view.phase() == JobPhase.PAUSED && view.training().isPresent()) {
            JobCommand.Recut recut = work("cutting", kind::recut);
            view = answer(jobs.recut(view.id(), recut));
            mine.write(staging.root());
        }
        return Optional.of(view);
    }

    private void observed(JobView view) throws IOException {
        kind.where(view).ifPresent(stop::reached);
        kind.observed(view);
    }

    /** A fiftieth of the time since the beginning: looking must not cost what is looked at. */
    private static Duration untilNextLook(long nanos) {
        Duration wait = Duration.ofNanos(nanos / 50);
        return wait.compareTo(LOOK) < 0 ? LOOK : wait.compareTo(LOOK_MAX) > 0 ? LOOK_MAX : wait;
    }

    private Problem damaged() {
        return error(
                "STO-214",
                staging.root().resolve(StagedJob.FILE),
                "is damaged: which job works here cannot be read",
                "delete the folder %s to begin anew".formatted(staging.root()));
    }

    private Optional<Problem> conflict(StagedJob mine, StagedJob earlier) {
        if (!earlier.isBy(mine) && !earlier.isKinOf(mine)) {
            return Optional.of(
                    error(
                            "STO-211",
                            staging.root(),
                            "holds an unfinished job, %s, with another text or other options"
                                    .formatted(earlier.recipeFile()),
                            "finish that one with its own command, or delete the folder to drop"
                                    + " it"));
        }
        List<FileIdentity> changed = mine.changedSince(earlier);
        if (!changed.isEmpty()) {
            return Optional.of(
                    error(
                            "STO-212",
                            Path.of(changed.getFirst().path()),
                            "changed since the %s began".formatted(kind.name()),
                            "put the file back as it was, or delete %s to begin anew"
                                    .formatted(staging.root())));
        }
        return Optional.empty();
    }

    private Problem taken(StagingLock.Taken e) {
        return error(
                "STO-210",
                staging.root(),
                "another job into %s is running: %s".formatted(spec.output(), e.owner()),
                "wait for it, or stop it first");
    }

    private Problem unwritable(IOException e) {
        String reason =
                switch (e) {
                    case AccessDeniedException denied -> "this user may not write there";
                    case FileAlreadyExistsException file -> file.getFile() + " is a file";
                    case FileSystemException other ->
                            Optional.ofNullable(other.getReason())
                                    .orElse("the file system does not allow it");
                    default -> String.valueOf(e.getMessage());
                };
        return error(
                "STO-213",
                staging.output(),
                "cannot be made, nor the folder %s in which the %s works: %s"
                        .formatted(staging.root(), kind.name(), reason),
                "choose an output that this user may write, with room for it");
    }

    private static Problem error(String code, Path file, String message, String fix) {
        return Problem.error(code, file.toString(), message, fix);
    }

    private <T> T answer(CompletionStage<T> stage)
            throws IOException, InterruptedException, StopSignal.Stopped {
        try {
            return stop.await(stage);
        } catch (ExecutionException e) {
            throw new IOException(
                    "the coordinator in this process did not answer: " + e.getCause(), e);
        }
    }

    private <T> T work(String thread, Callable<T> work)
            throws IOException, InterruptedException, StopSignal.Stopped {
        try {
            return stop.await(thread, work);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
