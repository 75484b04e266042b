package io.accrete.coordinator.pool;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** Chooses the task that suits a worker best. */
final class Assigner {
    /** A task that may be granted, with its job. */
    record Choice(JobTasks job, JobTasks.Entry entry) {}

    private final Collection<WorkerEntry> workers;
    private final Collection<JobTasks> jobs;
    private final long nowNanos;
    private final long aliveNanos;

    /**
     * @param aliveNanos a worker that was silent for longer is not waited for
     */
    Assigner(
            Collection<WorkerEntry> workers,
            Collection<JobTasks> jobs,
            long nowNanos,
            long aliveNanos) {
        this.workers = workers;
        this.jobs = jobs;
        this.nowNanos = nowNanos;
        this.aliveNanos = aliveNanos;
    }

    /**
     * Of the tasks that are ready and whose numeric class the worker has: one of the oldest job
     * which reads files that it has read before. A task that failed on this worker is left to the
     * others, if there are any, lest one sick worker use up all attempts.
     */
    Optional<Choice> choose(WorkerEntry worker) {
        return jobs.stream()
                .flatMap(job -> job.entries.values().stream().map(e -> new Choice(job, e)))
                .filter(choice -> choice.entry().isReady(nowNanos))
                .filter(choice -> suits(worker, choice))
                .filter(choice -> !hasFailedOn(worker, choice) || !othersMayTry(choice))
                // of equals the first, which a minimum keeps and a maximum does not
                .min(Comparator.comparingInt(choice -> -warmth(worker, choice)));
    }

    private boolean othersMayTry(Choice choice) {
        return workers.stream()
                .anyMatch(
                        worker ->
                                !worker.leaving
                                        && nowNanos - worker.seenNanos < aliveNanos
                                        && suits(worker, choice)
                                        && !hasFailedOn(worker, choice));
    }

    private static boolean suits(WorkerEntry worker, Choice choice) {
        String numericClass = choice.job().numericClass;
        return !choice.entry().task.computed()
                || numericClass == null
                || numericClass.equals(worker.profile.numericClass());
    }

    private static boolean hasFailedOn(WorkerEntry worker, Choice choice) {
        return choice.entry().failedOn.contains(worker.profile.worker());
    }

    private static int warmth(WorkerEntry worker, Choice choice) {
        Set<Integer> warm = worker.warm.getOrDefault(choice.job().offer.job(), Set.of());
        return (int) choice.entry().task.sources().stream().filter(warm::contains).count();
    }
}
