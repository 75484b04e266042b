package io.accrete.coordinator.pool;

import io.accrete.protocol.job.JobView.RunningTask;
import io.accrete.protocol.job.PoolFigures;
import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.PoolMessage.Running;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who holds which task until when. It knows no actor and no clock: time is a parameter, everything
 * to be sent is returned.
 *
 * <p>Correctness rests on deadlines and epochs alone. A lease ends when it is settled, when its
 * deadline passes, or when its worker is known to be gone; whatever comes later under its epoch is
 * refused.
 */
final class PoolState {
    private final PoolLimits limits;
    private final WorkerTable workers;
    private final Map<String, JobTasks> jobs = new LinkedHashMap<>();
    private final LeaseTable leases;
    private final LeaseEnds ends;
    private final Granting granting;
    private final KeptLeases kept;
    private final long begunNanos;
    private long changedNanos;
    private long resent;
    private long settled;
    private long refused;

    PoolState(long term, PoolLimits limits, long now) {
        this.leases = new LeaseTable(term);
        this.limits = limits;
        this.workers = new WorkerTable(limits);
        this.ends = new LeaseEnds(leases, workers, limits);
        this.granting = new Granting(workers, jobs, leases, limits);
        this.kept = new KeptLeases(term, limits);
        this.begunNanos = now;
        this.changedNanos = now;
    }

    /**
     * @param drained why an earlier pool has drained it, if one has
     * @param held stages of which it has a state
     */
    List<PoolEffect> register(
            String incarnation,
            WorkerProfile profile,
            Optional<String> drained,
            List<KeptStages> held,
            long now) {
        List<PoolEffect> effects = new ArrayList<>();
        workers.others(profile.worker(), incarnation)
                .forEach(other -> drop(other, now, "a newer incarnation came", effects));
        WorkerEntry worker = workers.get(incarnation);
        if (worker == null) {
            worker = new WorkerEntry(incarnation, profile, now);
            workers.add(worker);
            changedNanos = now;
        }
        worker.seenNanos = now;
        drained.ifPresent(worker::drain);
        effects.add(new PoolEffect.Welcome(incarnation));
        kept.register(worker, held, now);
        for (String job : held.stream().map(KeptStages::job).distinct().toList()) {
            takeKept(job, now, effects);
        }
        granting.dispatch(now, effects);
        return effects;
    }

    /** Grants what has no grant yet, and sends again what may not have arrived. */
    List<PoolEffect> pull(String incarnation, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        WorkerEntry worker = met(incarnation, now, effects);
        if (worker != null) {
            for (Lease lease : leases.runningOn(incarnation)) {
                // Only a heartbeat renews: a worker that asks but never works must not keep a task.
                if (!lease.confirmed && lease.deadlineNanos - now > 0) {
                    resent++;
                    effects.add(Granting.grant(lease, now));
                }
            }
            // A drained worker asks for nothing: it has not heard of it yet.
            worker.drained.ifPresent(why -> effects.add(LeaseEnds.drain(worker, why)));
            worker.hungry = true;
            granting.dispatch(now, effects);
        }
        return effects;
    }

    List<PoolEffect> heartbeat(String incarnation, List<Running> running, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        met(incarnation, now, effects);
        for (Running one : running) {
            Lease lease = leases.held(incarnation, one.epoch());
            if (lease == null && !kept.isHeld(incarnation, one.epoch())) {
                LeaseEnds.revoke(incarnation, one.epoch(), "the lease has ended", effects);
            } else if (lease != null && !lease.settling) {
                lease.confirmed = true;
                lease.bytesDone = Math.max(lease.bytesDone, one.bytesDone());
                lease.renew(now + limits.lease().toNanos());
            }
        }
        return effects;
    }

    List<PoolEffect> completed(String incarnation, Epoch epoch, ShardReceipt receipt, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        WorkerEntry worker = met(incarnation, now, effects);
        Lease lease = leases.held(incarnation, epoch);
        if (lease == null || worker == null || !(lease.task instanceof TaskRef shard)) {
            refuse(incarnation, epoch, effects);
        } else if (!lease.settling && leases.twin(lease).filter(twin -> twin.settling).isEmpty()) {
            lease.settling = true;
            lease.bytesDone = receipt.bytes();
            lease.job.took(lease.entry.task, now - lease.grantedNanos);
            boolean computed = lease.entry.task.computed();
            effects.add(
                    new PoolEffect.Notify(
                            lease.task.job(),
                            new TaskNotice.Finished(
                                    epoch,
                                    shard.shard(),
                                    shard.target(),
                                    receipt,
                                    worker.profile.worker(),
                                    computed
                                            ? Optional.of(worker.profile.numericClass())
                                            : Optional.empty())));
        }
        return effects;
    }

    List<PoolEffect> failed(String incarnation, Epoch epoch, TaskFailure failure, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        met(incarnation, now, effects);
        Lease lease = leases.held(incarnation, epoch);
        if (lease == null || lease.settling) {
            refuse(incarnation, epoch, effects);
            return effects;
        }
        leases.rememberSettled(epoch);
        effects.add(new PoolEffect.Send(incarnation, new WorkerMessage.Settled(epoch)));
        ends.lost(lease, failure, now, effects);
        granting.dispatch(now, effects);
        return effects;
    }

    List<PoolEffect> leaving(String incarnation, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        WorkerEntry worker = met(incarnation, now, effects);
        if (worker != null) {
            worker.leaving = true;
        }
        return effects;
    }

    /** The incarnation is known to be dead, or is believed to be: a wrong guess costs a task. */
    List<PoolEffect> gone(String incarnation, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        drop(incarnation, now, "its worker went away", effects);
        granting.dispatch(now, effects);
        return effects;
    }

    /** Replaces what was offered of the job before. */
    List<PoolEffect> offer(JobOffer offer, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        callBack(offer.job(), effects);
        jobs.put(offer.job(), new JobTasks(offer, now));
        takeKept(offer.job(), now, effects);
        granting.dispatch(now, effects);
        return effects;
    }

    /** The job has got further: what failed before does not count against it any more. */
    void advanced(String job) {
        Optional.ofNullable(jobs.get(job)).ifPresent(JobTasks::forgive);
    }

    /**
     * There is a sign that one of those who work on the job is dead: the others say otherwise.
     *
     * @param gone leases of those of whom it is known
     */
    List<PoolEffect> suspect(String job, List<Epoch> gone, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        leases.suspect(job, now + limits.suspicion().toNanos());
        for (Lease lease : leases.all()) {
            if (lease.task.job().equals(job) && gone.contains(lease.epoch)) {
                ends.expire(lease, lease.absence(), now, effects);
            }
        }
        return effects;
    }

    /**
     * Who could hold stages of the job.
     *
     * @param numericClass in which it was computed so far, if it was
     */
    TaskNotice.Hands hands(String job, Optional<String> numericClass, long now) {
        int processes = Hands.count(workers.all(), leases, kept, limits, job, numericClass, now);
        return new TaskNotice.Hands(
                processes,
                Duration.ofNanos(now - changedNanos),
                !workers.all().isEmpty(),
                Duration.ofNanos(now - begunNanos),
                kept.of(job));
    }

    List<PoolEffect> withdraw(String job) {
        List<PoolEffect> effects = new ArrayList<>();
        callBack(job, effects);
        kept.release(job, effects);
        return effects;
    }

    /** Those who have stages of the job since before this pool go on with them, where they fit. */
    private void takeKept(String job, long now, List<PoolEffect> effects) {
        Optional.ofNullable(jobs.get(job)).ifPresent(t -> kept.take(t, granting, now, effects));
    }

    private void callBack(String job, List<PoolEffect> effects) {
        for (Lease lease : leases.all()) {
            if (lease.task.job().equals(job)) {
                leases.remove(lease.epoch);
                LeaseEnds.revoke(
                        lease.incarnation(), lease.epoch, "the job does not go on", effects);
            }
        }
        jobs.remove(job);
        workers.forgetJob(job);
    }

    /** What came of the lease is journaled. */
    List<PoolEffect> settle(Epoch epoch, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        Lease lease = leases.remove(epoch);
        if (lease != null) {
            settled++;
            leases.rememberSettled(epoch);
            lease.worker.succeeds();
            leases.twin(lease).ifPresent(slower -> ends.callBack(slower, effects));
            lease.job.leases--;
            lease.job.settle(lease.entry.task);
            effects.add(new PoolEffect.Send(lease.incarnation(), new WorkerMessage.Settled(epoch)));
            granting.dispatch(now, effects);
        }
        return effects;
    }

    /** What came of the lease is of no use. */
    List<PoolEffect> reject(Epoch epoch, TaskFailure failure, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        Lease lease = leases.get(epoch);
        if (lease != null) {
            refuse(lease.incarnation(), epoch, effects);
            ends.lost(lease, failure, now, effects);
            granting.dispatch(now, effects);
        }
        return effects;
    }

    List<PoolEffect> tick(long now) {
        List<PoolEffect> effects = new ArrayList<>();
        for (Lease lease : leases.all()) {
            if (!lease.settling && now - lease.deadlineNanos >= 0) {
                ends.expire(lease, lease.silence(limits), now, effects);
            }
        }
        kept.tick(now, effects);
        workers.forgetSilent(leases, now);
        for (JobTasks job : jobs.values()) {
            job.missedClass(workers.all(), now, limits.classGrace().toNanos())
                    .map(missed -> new TaskNotice.ClassMissing(missed))
                    .ifPresent(
                            notice -> effects.add(new PoolEffect.Notify(job.offer.job(), notice)));
        }
        granting.dispatch(now, effects);
        return effects;
    }

    List<RunningTask> describe(String job) {
        return leases.describe(job);
    }

    /** Why nobody does anything for a job that has something to do, as a sentence. */
    Optional<String> waiting(String job, long now) {
        JobTasks tasks = jobs.get(job);
        boolean waits =
                tasks != null
                        && tasks.leases == 0
                        && tasks.entries.values().stream()
                                .anyMatch(entry -> entry.state == JobTasks.State.PENDING);
        return waits ? workers.absence(job, now) : Optional.empty();
    }

    List<WorkerView> workers(long now) {
        return workers.all().stream()
                .map(worker -> worker.view(leases.runningOn(worker.incarnation), now))
                .toList();
    }

    /**
     * The worker finishes what it has, and gets no more until it registers as a new incarnation; it
     * is told, so that the next coordinator hears of it.
     */
    List<PoolEffect> drain(String name, String reason) {
        return workers.drain(name, reason).stream()
                .map(worker -> LeaseEnds.drain(worker, reason))
                .toList();
    }

    /**
     * What a worker gave up, others may well do: this one sees other files than the plan was made
     * of, and gets nothing more of the job.
     */
    List<PoolEffect> leaveOut(String job, int shard, String worker, TaskFailure why, long now) {
        List<PoolEffect> effects = new ArrayList<>();
        workers.leaveOut(worker, job, why.message());
        JobTasks tasks = jobs.get(job);
        JobTasks.Entry entry = tasks == null ? null : tasks.entries.get(shard);
        if (tasks != null && entry != null && entry.state == JobTasks.State.GIVEN_UP) {
            if (workers.nobodyCan(tasks, entry, now)) {
                LeaseEnds.giveUp(tasks, entry, worker, why, effects);
            } else {
                entry.state = JobTasks.State.PENDING;
                granting.dispatch(now, effects);
            }
        }
        return effects;
    }

    PoolCounters counters() {
        return new PoolCounters(
                leases.granted(),
                resent,
                settled,
                ends.failed(),
                ends.expired(),
                refused,
                granting.doubled(),
                workers.drained());
    }

    PoolFigures figures(long now) {
        return PoolCensus.of(workers.all(), jobs.values(), counters(), leases.queueWait(), now);
    }

    private @Nullable WorkerEntry met(String incarnation, long now, List<PoolEffect> effects) {
        WorkerEntry worker = workers.get(incarnation);
        if (worker == null) {
            effects.add(new PoolEffect.AskToRegister(incarnation));
        } else {
            worker.seenNanos = now;
        }
        return worker;
    }

    private void drop(String incarnation, long now, String why, List<PoolEffect> effects) {
        for (Lease lease : leases.runningOn(incarnation)) {
            String name = lease.workerName();
            ends.release(
                    lease,
                    new TaskFailure(TaskFailure.Kind.IO, "worker %s: %s".formatted(name, why)),
                    now,
                    effects);
        }
        workers.remove(incarnation);
        kept.forget(incarnation);
        changedNanos = now;
    }

    /** A result of an epoch that is not current; it may only be a repetition. */
    private void refuse(String incarnation, Epoch epoch, List<PoolEffect> effects) {
        if (!leases.wasSettled(epoch)) {
            LeaseEnds.revoke(incarnation, epoch, "the lease has ended", effects);
            refused++;
        }
        effects.add(new PoolEffect.Send(incarnation, new WorkerMessage.Settled(epoch)));
    }
}
