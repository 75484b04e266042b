package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.WorkerMessage;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives tasks to workers, under leases. */
final class Granting {
    private final WorkerTable workers;
    private final Map<String, JobTasks> jobs;
    private final LeaseTable leases;
    private final PoolLimits limits;
    private long doubled;

    Granting(
            WorkerTable workers, Map<String, JobTasks> jobs, LeaseTable leases, PoolLimits limits) {
        this.workers = workers;
        this.jobs = jobs;
        this.leases = leases;
        this.limits = limits;
    }

    /** How many tasks were given to a second worker. */
    long doubled() {
        return doubled;
    }

    /** Gives each hungry worker as many tasks as it has free slots, the idlest worker first. */
    void dispatch(long now, List<PoolEffect> effects) {
        Assigner assigner = new Assigner(workers.all(), jobs.values(), leases, limits, now);
        for (WorkerEntry worker : workers.hungry(leases, now)) {
            int free = workers.freeSlots(worker, leases);
            for (int slot = 0; slot < free; slot++) {
                Optional<Assigner.Choice> choice = assigner.choose(worker);
                if (choice.isEmpty()) {
                    choice = assigner.chooseStraggler(worker);
                    doubled += choice.isPresent() ? 1 : 0;
                }
                if (choice.isEmpty()) {
                    break;
                }
                give(worker, choice.get(), now, effects);
                worker.hungry = false;
            }
        }
    }

    void give(WorkerEntry worker, Assigner.Choice choice, long now, List<PoolEffect> effects) {
        JobOffer offer = choice.job().offer;
        JobOffer.Task task = choice.entry().task;
        Epoch epoch = leases.nextEpoch();
        Lease lease =
                new Lease(epoch, worker, choice, offer.work(task, epoch), now, limits.lease());
        leases.add(lease, now - choice.entry().notBeforeNanos);
        choice.entry().state = JobTasks.State.LEASED;
        choice.job().leases++;
        choice.job().grantedTo(worker.profile.numericClass(), task);
        worker.reads(offer.job(), task.sources());
        effects.add(grant(lease, now));
    }

    static PoolEffect grant(Lease lease, long now) {
        Duration left = Duration.ofNanos(lease.deadlineNanos - now);
        return new PoolEffect.Send(
                lease.incarnation(), new WorkerMessage.Grant(lease.epoch, left, lease.task));
    }
}
