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
    private final LeaseTable leases;
    private final PoolLimits limits;
    private final long nowNanos;

    Assigner(
            Collection<WorkerEntry> workers,
            Collection<JobTasks> jobs,
            LeaseTable leases,
            PoolLimits limits,
            long nowNanos) {
        this.workers = workers;
        this.jobs = jobs;
        this.leases = leases;
        this.limits = limits;
        this.nowNanos = nowNanos;
    }

    /**
     * Of the tasks that are ready and whose numeric class the worker has: one of the job that holds
     * the fewest leases, the oldest of those, which reads files that it has read before. A task
     * that failed on this worker is left to the others, if there are any, lest one sick worker use
     * up all attempts.
     */
    Optional<Choice> choose(WorkerEntry worker) {
        return jobs.stream()
                .flatMap(job -> job.entries.values().stream().map(e -> new Choice(job, e)))
                .filter(choice -> choice.entry().isReady(nowNanos))
                .filter(choice -> suits(worker, choice))
                .filter(choice -> !hasFailedOn(worker, choice) || !othersMayTry(choice))
                // of equals the first, which a minimum keeps and a maximum does not
                .min(
                        Comparator.<Choice>comparingInt(choice -> choice.job().leases)
                                .thenComparingInt(choice -> -warmth(worker, choice)));
    }

    /**
     * A task that another process has for much longer than usual. The bytes are the same whoever
     * writes them, so that the first that is done counts.
     */
    Optional<Choice> chooseStraggler(WorkerEntry worker) {
        return leases.all().stream()
                .filter(lease -> !lease.worker.isOf(worker))
                .filter(lease -> lease.job.straggles(lease, limits.straggler(), nowNanos))
                .filter(lease -> leases.twin(lease).isEmpty())
                .min(Comparator.comparingLong(lease -> lease.grantedNanos - nowNanos))
                .map(lease -> new Choice(lease.job, lease.entry))
                .filter(choice -> suits(worker, choice) && !hasFailedOn(worker, choice));
    }

    private boolean othersMayTry(Choice choice) {
        return workers.stream()
                .anyMatch(
                        worker ->
                                worker.isThere(limits, nowNanos)
                                        && suits(worker, choice)
                                        && !hasFailedOn(worker, choice));
    }

    private boolean suits(WorkerEntry worker, Choice choice) {
        String numericClass = choice.job().numericClass;
        return !worker.isLeftOut(choice.job().offer.job())
                && isReached(worker, choice.job())
                && (!choice.entry().task.computed()
                        || numericClass == null
                        || numericClass.equals(worker.profile.numericClass()));
    }

    /** Groups of stages are spread over processes and GPUs, and have to reach each other. */
    private boolean isReached(WorkerEntry worker, JobTasks job) {
        boolean spread = job.offer.kind() instanceof JobOffer.Kind.Stages;
        return !spread
                || job.offer.tasks().size() == 1
                || worker.profile.link().isPresent()
                        && leases.all().stream()
                                .noneMatch(
                                        held ->
                                                held.job == job
                                                        && held.worker.sharesDevice(worker));
    }

    private static boolean hasFailedOn(WorkerEntry worker, Choice choice) {
        return choice.entry().failedOn.contains(worker.profile.worker());
    }

    private static int warmth(WorkerEntry worker, Choice choice) {
        Set<Integer> warm = worker.warm.getOrDefault(choice.job().offer.job(), Set.of());
        return (int) choice.entry().task.sources().stream().filter(warm::contains).count();
    }
}
