package io.accrete.coordinator.pool;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Pools, driver and workers without threads: one queue of events in virtual time. After each event
 * the invariants are checked: at most one lease runs per slot, at most two per task and those on
 * different workers, nothing is settled twice, what is settled stays settled.
 */
final class PoolSimulation {
    private static final int SHARDS = 25;
    private static final int WORKERS = 4;
    private static final int EVENTS_MAX = 200_000;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long CALM_AFTER = 400 * SECOND;
    private static final PoolLimits LIMITS =
            new PoolLimits(
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(3),
                    Integer.MAX_VALUE,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    4,
                    Integer.MAX_VALUE,
                    new PoolLimits.Straggler(1, Duration.ofSeconds(3)));

    private record Event(long at, long order, Runnable action) {}

    private record Result(int shard, boolean good) {}

    /** A worker as the protocol asks for: it repeats what is not answered. */
    private final class Worker {
        final String name;
        final int slots;
        final Map<Epoch, Long> running = new LinkedHashMap<>();
        final Map<Epoch, Result> results = new LinkedHashMap<>();
        int life;
        boolean alive = true;
        boolean registered;

        Worker(String name, int slots) {
            this.name = name;
            this.slots = slots;
        }

        String incarnation() {
            return name + "#" + life;
        }

        void beat() {
            if (!registered) {
                toPool(
                        () ->
                                pool.register(
                                        incarnation, profile(), Optional.empty(), List.of(), now),
                        incarnation());
                return;
            }
            String me = incarnation();
            List<PoolMessage.Running> held =
                    running.keySet().stream().map(e -> new PoolMessage.Running(e, 1)).toList();
            if (!held.isEmpty()) {
                toPool(() -> pool.heartbeat(incarnation, held, now), me);
            }
            results.forEach((epoch, result) -> toPool(() -> report(epoch, result), me));
            if (running.size() < slots) {
                toPool(() -> pool.pull(incarnation, now), me);
            }
        }

        List<PoolEffect> report(Epoch epoch, Result result) {
            return result.good()
                    ? pool.completed(incarnation, epoch, PoolStateTest.receipt(result.shard()), now)
                    : pool.failed(
                            incarnation, epoch, new TaskFailure(TaskFailure.Kind.IO, "bad"), now);
        }

        WorkerProfile profile() {
            return WorkerProfiles.of(name, name, slots, "c");
        }

        void hear(WorkerMessage message) {
            switch (message) {
                case WorkerMessage.Registered m -> registered = true;
                case WorkerMessage.Unknown m -> registered = false;
                case WorkerMessage.Grant m -> {
                    if (m.epoch().term() == term
                            && !running.containsKey(m.epoch())
                            && !results.containsKey(m.epoch())
                            && running.size() < slots) {
                        running.put(m.epoch(), now);
                        int mine = life;
                        after(
                                SECOND + random.nextLong(10 * SECOND),
                                () -> {
                                    if (mine == life && running.remove(m.epoch()) != null) {
                                        results.put(
                                                m.epoch(),
                                                new Result(
                                                        ((TaskRef) m.task()).shard(),
                                                        random.nextInt(10) > 0 || calm()));
                                        beat();
                                    }
                                });
                    }
                }
                case WorkerMessage.Settled m -> results.remove(m.epoch());
                case WorkerMessage.Revoke m -> {
                    running.remove(m.epoch());
                    results.remove(m.epoch());
                }
                case WorkerMessage.Drain m -> throw new AssertionError(m);
            }
        }

        void die() {
            life++;
            alive = false;
            registered = false;
            running.clear();
            results.clear();
        }
    }

    private final Random random;
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long term = 1;
    private PoolState pool = new PoolState(term, LIMITS, 0);
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final Map<String, Integer> slots = new HashMap<>();
    private final List<Integer> settled = new ArrayList<>();
    private final Set<Epoch> taken = new HashSet<>();
    private String incarnation = "";
    private long now = Long.MAX_VALUE - 100 * SECOND;
    private final long begin = now;
    private long order;

    PoolSimulation(long seed) {
        this.random = new Random(seed);
    }

    List<Integer> allShards() {
        return IntStream.range(0, SHARDS).boxed().toList();
    }

    List<Integer> settledShards() {
        return settled;
    }

    void run() {
        for (int i = 0; i < WORKERS; i++) {
            Worker worker = new Worker("w" + i, 1 + random.nextInt(2));
            workers.put(worker.name, worker);
            slots.put(worker.name, worker.slots);
            every(worker);
        }
        offerRemaining();
        tick();
        for (int events = 0; settled.size() < SHARDS; events++) {
            if (events > EVENTS_MAX) {
                throw new AssertionError(
                        "%d of %d settled after %d events: %s"
                                .formatted(settled.size(), SHARDS, events, pool.counters()));
            }
            Event next = queue.remove();
            now = begin + next.at();
            next.action().run();
            check();
        }
    }

    private void offerRemaining() {
        List<JobOffer.Task> tasks =
                IntStream.range(0, SHARDS)
                        .filter(i -> !settled.contains(i))
                        .mapToObj(i -> new JobOffer.Task(i, "s" + i, 10, false, Set.of(i % 3)))
                        .toList();
        perform(
                pool.offer(
                        new JobOffer(
                                "job",
                                "/p",
                                "x",
                                new JobOffer.Kind.Shards("/tmp", CopiedBytes.MOVED),
                                Optional.empty(),
                                tasks),
                        now));
    }

    private void every(Worker worker) {
        after(
                SECOND + random.nextLong(SECOND),
                () -> {
                    if (worker.alive && random.nextInt(60) == 0 && !calm()) {
                        String dead = worker.incarnation();
                        worker.die();
                        // Nobody may ever notice; the deadline has to do.
                        if (random.nextBoolean()) {
                            after(
                                    random.nextLong(20 * SECOND),
                                    () -> perform(pool.gone(dead, now)));
                        }
                    } else if (!worker.alive) {
                        worker.alive = random.nextInt(5) == 0 || calm();
                    } else {
                        worker.beat();
                    }
                    every(worker);
                });
    }

    private void tick() {
        if (random.nextInt(40) == 0 && !calm()) {
            // Another coordinator takes over: only what is settled is known to it.
            pool = new PoolState(++term, LIMITS, now);
            offerRemaining();
        }
        perform(pool.tick(now));
        after(SECOND, this::tick);
    }

    private boolean calm() {
        return now - begin > CALM_AFTER;
    }

    private void toPool(Supplier<List<PoolEffect>> call, String from) {
        deliver(
                () -> {
                    incarnation = from;
                    perform(call.get());
                });
    }

    private void perform(List<PoolEffect> effects) {
        for (PoolEffect effect : effects) {
            switch (effect) {
                case PoolEffect.Send(String to, WorkerMessage message) -> toWorker(to, message);
                case PoolEffect.Welcome(String to) ->
                        toWorker(to, new WorkerMessage.Registered(term, Nobody.REF));
                case PoolEffect.AskToRegister(String to) ->
                        toWorker(to, new WorkerMessage.Unknown(term, Nobody.REF));
                case PoolEffect.Notify(String job, TaskNotice.Finished finished) -> {
                    PoolState askedBy = pool;
                    after(random.nextLong(SECOND), () -> drive(finished, askedBy));
                }
                case PoolEffect.Notify(String job, TaskNotice other) ->
                        throw new AssertionError(other);
            }
        }
    }

    /** As the driver: takes the file, or finds it of no use. */
    private void drive(TaskNotice.Finished finished, PoolState askedBy) {
        if (askedBy != pool) {
            return;
        }
        if (random.nextInt(20) == 0 && !calm()) {
            perform(
                    pool.reject(
                            finished.epoch(),
                            new TaskFailure(TaskFailure.Kind.IO, "no such file"),
                            now));
            return;
        }
        if (!taken.add(finished.epoch())) {
            throw new AssertionError("reported twice: " + finished);
        }
        settled.add(finished.shard());
        perform(pool.settle(finished.epoch(), now));
    }

    private void toWorker(String to, WorkerMessage message) {
        deliver(
                () ->
                        workers.values().stream()
                                .filter(w -> w.alive && w.incarnation().equals(to))
                                .forEach(w -> w.hear(message)));
    }

    /** Lost, late or doubled. */
    private void deliver(Runnable arrival) {
        int fate = calm() ? 9 : random.nextInt(10);
        if (fate == 0) {
            return;
        }
        after(random.nextLong(SECOND / 4), arrival);
        if (fate == 1) {
            after(random.nextLong(15 * SECOND), arrival);
        }
    }

    private void after(long nanos, Runnable action) {
        queue.add(new Event(now - begin + nanos, order++, action));
    }

    private void check() {
        if (new HashSet<>(settled).size() != settled.size()) {
            throw new AssertionError("settled twice: " + settled);
        }
        Map<String, Integer> busy = new HashMap<>();
        Map<String, Set<String>> writers = new HashMap<>();
        pool.describe("job")
                .forEach(
                        task -> {
                            Set<String> known =
                                    writers.computeIfAbsent(task.file(), file -> new HashSet<>());
                            if (!known.add(task.worker()) || known.size() > 2) {
                                throw new AssertionError(task.file() + ": " + known);
                            }
                            if (task.bytesDone() < task.bytesTotal()) {
                                busy.merge(task.worker(), 1, Integer::sum);
                            }
                        });
        busy.forEach(
                (worker, leases) -> {
                    if (leases > slots.getOrDefault(worker, 0)) {
                        throw new AssertionError(worker + " has " + leases + " leases");
                    }
                });
    }
}
