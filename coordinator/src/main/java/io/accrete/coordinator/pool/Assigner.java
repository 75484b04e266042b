package io.accrete.coordinator.pool;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** Chooses the task that suits a worker best. */
final class Assigner {
    /** A task that may be granted, with its job. */
    record Choice(JobTasks job, JobTasks.Entry entry) {}

    private Assigner() {}

    /**
     * Of the tasks that are ready and whose numeric class the worker has: one that did not fail on
     * it, of the oldest job, which reads files that it has read before.
     */
    static Optional<Choice> choose(WorkerEntry worker, Collection<JobTasks> jobs, long nowNanos) {
        return jobs.stream()
                .flatMap(job -> job.entries.values().stream().map(e -> new Choice(job, e)))
                .filter(choice -> choice.entry().isReady(nowNanos))
                .filter(choice -> suits(worker, choice))
                .min(
                        Comparator.comparing((Choice choice) -> hasFailedOn(worker, choice))
                                .thenComparing(
                                        Comparator.comparingInt(
                                                        (Choice choice) -> warmth(worker, choice))
                                                .reversed()));
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
