package io.accrete.coordinator.pool;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Counts the processes, and GPUs, that stages of one training could be spread over. */
final class Hands {
    private Hands() {}

    /** Workers of one process share its processor; a GPU is a place of its own. */
    private record Place(String host, long pid, String device) {
        static Place of(WorkerEntry worker) {
            return new Place(
                    worker.profile.host(), worker.profile.pid(), worker.profile.device().name());
        }
    }

    /**
     * Those of one numeric class: of that of the job, or else of the one that most have.
     *
     * @param numericClass in which the job was computed so far, if it was
     */
    static int count(
            Collection<WorkerEntry> workers,
            LeaseTable leases,
            KeptLeases kept,
            PoolLimits limits,
            String job,
            Optional<String> numericClass,
            long now) {
        Map<String, Set<Place>> byClass =
                workers.stream()
                        .filter(w -> isAble(w, leases, kept, limits, job, now))
                        .filter(
                                w ->
                                        numericClass
                                                .map(w.profile.numericClass()::equals)
                                                .orElse(true))
                        .collect(
                                Collectors.groupingBy(
                                        w -> w.profile.numericClass(),
                                        Collectors.mapping(
                                                Place::of, Collectors.toCollection(HashSet::new))));
        return byClass.values().stream().mapToInt(Set::size).max().orElse(0);
    }

    /** Whether it holds stages of the job already, or asks for work; and others reach it. */
    private static boolean isAble(
            WorkerEntry worker,
            LeaseTable leases,
            KeptLeases kept,
            PoolLimits limits,
            String job,
            long now) {
        boolean holds =
                kept.holds(worker, job)
                        || leases.runningOn(worker.incarnation).stream()
                                .anyMatch(lease -> lease.task.job().equals(job));
        return worker.isHeard(limits, now)
                && worker.profile.link().isPresent()
                && !worker.isLeftOut(job)
                && (holds || worker.hungry && !worker.leaving);
    }
}
