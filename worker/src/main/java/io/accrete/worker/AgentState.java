package io.accrete.worker;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.LeasedWork;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.worker.HeldTask.Stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one worker holds and what it must say again. It knows no actor, no thread and no clock: time
 * is a parameter, everything to be done is returned.
 *
 * <p>Everything that is said is said again until it is answered, so that no message that is lost,
 * and no coordinator that goes away, loses more than a task in flight.
 */
final class AgentState {
    private final WorkerSettings settings;
    private final Map<Epoch, HeldTask> held = new LinkedHashMap<>();
    private long term = Long.MIN_VALUE;
    private boolean registered;
    private boolean leaving;
    private Optional<String> drained = Optional.empty();
    private Backoff pull;
    private Backoff registration;
    private long heartbeatAtNanos;

    /** When to say something again. */
    private record Backoff(long atNanos, Duration after) {
        Backoff next(long now, Duration longest) {
            Duration doubled = after.multipliedBy(2);
            return new Backoff(
                    now + after.toNanos(), doubled.compareTo(longest) > 0 ? longest : doubled);
        }
    }

    AgentState(WorkerSettings settings) {
        this.settings = settings;
        this.pull = new Backoff(0, settings.retry());
        this.registration = pull;
    }

    /** Another pool was found, or the one that was known is there again. */
    List<AgentEffect> poolFound(long now) {
        registered = false;
        registration = new Backoff(now, settings.retry());
        return register(now);
    }

    /** Work goes on; what comes of it waits for the next pool. */
    void poolLost() {
        registered = false;
    }

    List<AgentEffect> registered(long poolTerm, long now) {
        if (poolTerm < term) {
            return refused(poolTerm);
        }
        term = poolTerm;
        registered = true;
        pull = new Backoff(now, settings.retry());
        List<AgentEffect> effects = new ArrayList<>();
        effects.add(new AgentEffect.Follow());
        heartbeat(now, effects);
        for (HeldTask task : held.values()) {
            task.reportAgainAfter = settings.retry();
            task.reportAtNanos = now;
        }
        reportAgain(now, effects);
        pull(now, effects);
        return effects;
    }

    List<AgentEffect> unknown(long poolTerm, long now) {
        return poolTerm < term ? refused(poolTerm) : poolFound(now);
    }

    List<AgentEffect> grant(Epoch epoch, Duration lease, LeasedWork task, long now) {
        if (epoch.term() < term) {
            return refused(epoch.term());
        }
        List<AgentEffect> effects = new ArrayList<>();
        HeldTask known = held.get(epoch);
        if (known == null) {
            take(new HeldTask(epoch, task, lease, now, settings.retry()), now, effects);
        } else {
            known.deadlineNanos = now + known.leaseNanos;
            known.reportAtNanos = now;
        }
        startWaiting(effects);
        heartbeat(now, effects);
        reportAgain(now, effects);
        return effects;
    }

    private void take(HeldTask granted, long now, List<AgentEffect> effects) {
        Optional<HeldTask> before = leaving ? Optional.empty() : predecessor(granted);
        held.put(granted.epoch, granted);
        if (before.isPresent() && granted.task instanceof StageRef stages) {
            held.remove(before.get().epoch);
            granted.stage = Stage.RUNNING;
            effects.add(new AgentEffect.Pass(before.get().epoch, granted.epoch, stages));
        } else if (leaving) {
            end(granted, abandoned("the worker is leaving"), now);
        } else if (held.values().stream().filter(HeldTask::isLive).count() > roomFor()) {
            end(granted, abandoned("no slot is free"), now);
        }
    }

    /** The same stages, held for a coordinator before this one. */
    private Optional<HeldTask> predecessor(HeldTask granted) {
        return held.values().stream()
                .filter(task -> task.stage == Stage.RUNNING && !task.unwanted)
                .filter(task -> task.epoch.term() < granted.epoch.term())
                .filter(
                        task ->
                                task.task instanceof StageRef old
                                        && granted.task instanceof StageRef next
                                        && old.isSame(next))
                .findFirst();
    }

    List<AgentEffect> settled(Epoch epoch) {
        List<AgentEffect> effects = new ArrayList<>();
        HeldTask task = held.get(epoch);
        if (task != null) {
            letGo(task, effects);
        }
        return effects;
    }

    List<AgentEffect> revoke(Epoch epoch) {
        List<AgentEffect> effects = new ArrayList<>();
        HeldTask task = held.get(epoch);
        if (task != null) {
            if (task.outcome instanceof TaskOutcome.Done && task.task instanceof TaskRef shard) {
                effects.add(new AgentEffect.Delete(shard.target()));
            }
            letGo(task, effects);
        }
        return effects;
    }

    /** A task has left its thread. */
    List<AgentEffect> finished(Epoch epoch, TaskOutcome outcome, long now) {
        List<AgentEffect> effects = new ArrayList<>();
        HeldTask task = held.get(epoch);
        if (task == null || task.stage == Stage.ENDED) {
            return effects;
        }
        if (task.unwanted) {
            held.remove(epoch);
            if (outcome instanceof TaskOutcome.Done && task.task instanceof TaskRef shard) {
                effects.add(new AgentEffect.Delete(shard.target()));
            }
        } else {
            end(task, outcome, now);
        }
        startWaiting(effects);
        reportAgain(now, effects);
        pull = new Backoff(now, settings.retry());
        pull(now, effects);
        return effects;
    }

    /** Takes no more tasks and gives back those that it has. */
    List<AgentEffect> leave(long now) {
        List<AgentEffect> effects = new ArrayList<>();
        leaving = true;
        effects.add(new AgentEffect.Leave());
        for (HeldTask task : held.values()) {
            if (task.stage == Stage.WAITING) {
                end(task, abandoned("the worker is leaving"), now);
            } else {
                cancel(task, effects);
            }
        }
        reportAgain(now, effects);
        return effects;
    }

    /** Finishes what it has, and asks for no more as long as it lives. */
    void drain(String reason) {
        drained = Optional.of(reason);
    }

    List<AgentEffect> tick(long now) {
        List<AgentEffect> effects = new ArrayList<>();
        held.values().stream()
                .filter(task -> task.isLive() && now - task.deadlineNanos >= 0)
                .toList()
                .forEach(task -> expire(task, now, effects));
        if (!registered && now - registration.atNanos() >= 0) {
            effects.addAll(register(now));
        }
        if (now - heartbeatAtNanos >= 0) {
            heartbeat(now, effects);
        }
        startWaiting(effects);
        reportAgain(now, effects);
        if (now - pull.atNanos() >= 0) {
            pull(now, effects);
        }
        return effects;
    }

    /** Whether no task is on a thread. */
    boolean isIdle() {
        return occupied() == 0;
    }

    /**
     * The process slept through its lease: by now the task belongs to somebody else, or will. The
     * pool hears of it, in case that it does not think so.
     */
    private void expire(HeldTask task, long now, List<AgentEffect> effects) {
        if (task.stage == Stage.WAITING) {
            end(task, abandoned("the lease ended before the task began"), now);
        } else {
            cancel(task, effects);
        }
    }

    private static void cancel(HeldTask task, List<AgentEffect> effects) {
        if (task.stage == Stage.RUNNING) {
            task.stage = Stage.ENDING;
            effects.add(new AgentEffect.Cancel(task.epoch));
        }
    }

    private void letGo(HeldTask task, List<AgentEffect> effects) {
        switch (task.stage) {
            case WAITING, ENDED -> held.remove(task.epoch);
            case RUNNING, ENDING -> {
                task.unwanted = true;
                cancel(task, effects);
            }
        }
    }

    private static void end(HeldTask task, TaskOutcome outcome, long now) {
        task.stage = Stage.ENDED;
        task.outcome = outcome;
        task.reportAtNanos = now;
    }

    private void startWaiting(List<AgentEffect> effects) {
        for (HeldTask task : held.values()) {
            if (task.stage == Stage.WAITING && occupied() < settings.slots()) {
                task.stage = Stage.RUNNING;
                effects.add(new AgentEffect.Start(task.epoch, task.task));
            }
        }
    }

    private void heartbeat(long now, List<AgentEffect> effects) {
        List<HeldTask> live = held.values().stream().filter(HeldTask::isLive).toList();
        long often = settings.progress().toNanos();
        for (HeldTask task : live) {
            task.deadlineNanos = now + task.leaseNanos;
            often = Math.min(often, task.leaseNanos / 3);
        }
        heartbeatAtNanos = now + often;
        if (!live.isEmpty()) {
            effects.add(new AgentEffect.Heartbeat(live.stream().map(task -> task.epoch).toList()));
        }
    }

    private void reportAgain(long now, List<AgentEffect> effects) {
        for (HeldTask task : held.values()) {
            if (task.outcome != null && now - task.reportAtNanos >= 0) {
                effects.add(new AgentEffect.Report(task.epoch, task.outcome));
                Backoff next =
                        new Backoff(now, task.reportAgainAfter).next(now, settings.retryMax());
                task.reportAtNanos = next.atNanos();
                task.reportAgainAfter = next.after();
            }
        }
    }

    private void pull(long now, List<AgentEffect> effects) {
        if (registered && !leaving && drained.isEmpty() && occupied() < settings.slots()) {
            effects.add(new AgentEffect.Pull());
            pull = pull.next(now, settings.retryMax());
        }
    }

    private List<AgentEffect> register(long now) {
        registration = registration.next(now, settings.retryMax());
        List<KeptStages> stages = new ArrayList<>();
        for (HeldTask task : held.values()) {
            if (task.stage == Stage.RUNNING && task.task instanceof StageRef of) {
                stages.add(of.kept(task.epoch));
            }
        }
        return List.of(new AgentEffect.Register(drained, stages));
    }

    private long occupied() {
        return held.values().stream()
                .filter(task -> task.stage == Stage.RUNNING || task.stage == Stage.ENDING)
                .count();
    }

    private List<AgentEffect> refused(long poolTerm) {
        return List.of(new AgentEffect.Refuse(poolTerm, term));
    }

    /** As many may wait as may run: a pool that frees a slot does not know when its thread ends. */
    private long roomFor() {
        return 2L * settings.slots();
    }

    private static TaskOutcome abandoned(String why) {
        return new TaskOutcome.Undone(new TaskFailure(TaskFailure.Kind.ABANDONED, why));
    }
}
