package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stages that workers hold under leases of pools before this one: they wait for somebody who goes
 * on with them. Whoever offers their job decides, or else they are called back after a while.
 */
final class KeptLeases {
    private record Kept(WorkerEntry worker, KeptStages stages, long sinceNanos) {
        boolean isOf(String job) {
            return stages.job().equals(job);
        }

        /** What the offer has for it: the same group of the same stages. */
        Optional<Assigner.Choice> in(JobTasks tasks) {
            JobOffer offer = tasks.offer;
            boolean same =
                    offer.kind() instanceof JobOffer.Kind.Stages
                            && offer.planSha256().equals(stages.planSha256())
                            && offer.tasks().size() == stages.groups()
                            && !worker.isLeftOut(offer.job());
            return Optional.ofNullable(tasks.entries.get(stages.group()))
                    .filter(entry -> same && entry.state == JobTasks.State.PENDING)
                    .map(entry -> new Assigner.Choice(tasks, entry));
        }
    }

    private final long term;
    private final PoolLimits limits;
    private final Map<Epoch, Kept> byLease = new LinkedHashMap<>();

    KeptLeases(long term, PoolLimits limits) {
        this.term = term;
        this.limits = limits;
    }

    /** What the worker says that it holds; leases of this pool are known. */
    void register(WorkerEntry worker, List<KeptStages> held, long now) {
        forget(worker.incarnation);
        for (KeptStages stages : held) {
            if (stages.lease().term() < term) {
                byLease.put(stages.lease(), new Kept(worker, stages, now));
            }
        }
    }

    boolean isHeld(String incarnation, Epoch lease) {
        Kept kept = byLease.get(lease);
        return kept != null && kept.worker.incarnation.equals(incarnation);
    }

    boolean holds(WorkerEntry worker, String job) {
        return byLease.values().stream().anyMatch(kept -> kept.worker == worker && kept.isOf(job));
    }

    /** How much of the newest division of a job's stages is held. */
    TaskNotice.Kept of(String job) {
        List<KeptStages> all =
                byLease.values().stream().filter(kept -> kept.isOf(job)).map(Kept::stages).toList();
        return all.stream()
                .max(Comparator.comparing(KeptStages::lease))
                .map(newest -> new TaskNotice.Kept(groups(all, newest), newest.groups()))
                .orElse(TaskNotice.Kept.NONE);
    }

    private static int groups(List<KeptStages> all, KeptStages newest) {
        return (int)
                all.stream()
                        .filter(one -> one.lease().term() == newest.lease().term())
                        .filter(one -> one.groups() == newest.groups())
                        .map(KeptStages::group)
                        .distinct()
                        .count();
    }

    /** The job is offered: who holds what is offered goes on with it, the newest lease first. */
    void take(JobTasks tasks, Granting granting, long now, List<PoolEffect> effects) {
        for (Kept kept : newestFirst(tasks.offer.job())) {
            byLease.remove(kept.stages.lease());
            kept.in(tasks)
                    .ifPresentOrElse(
                            choice -> granting.give(kept.worker, choice, now, effects),
                            () -> callBack(kept, effects));
        }
    }

    private List<Kept> newestFirst(String job) {
        return byLease.values().stream()
                .filter(kept -> kept.isOf(job))
                .sorted(Comparator.comparing((Kept kept) -> kept.stages.lease()).reversed())
                .toList();
    }

    /** The job does not go on. */
    void release(String job, List<PoolEffect> effects) {
        for (Kept kept : newestFirst(job)) {
            byLease.remove(kept.stages.lease());
            callBack(kept, effects);
        }
    }

    void tick(long now, List<PoolEffect> effects) {
        for (Kept kept : new ArrayList<>(byLease.values())) {
            if (now - kept.sinceNanos >= limits.keep().toNanos()) {
                byLease.remove(kept.stages.lease());
                callBack(kept, effects);
            }
        }
    }

    void forget(String incarnation) {
        byLease.values().removeIf(kept -> kept.worker.incarnation.equals(incarnation));
    }

    private static void callBack(Kept kept, List<PoolEffect> effects) {
        LeaseEnds.revoke(
                kept.worker.incarnation,
                kept.stages.lease(),
                "nobody goes on with the stages",
                effects);
    }
}
