package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A training whose hosts compute with one number each, over messages that are late, lost and
 * repeated, while hosts die, and drivers: all by a seed.
 */
final class CourseSimulation {
    /** What a host does in place of stages: its number depends on every step and every verdict. */
    private static final class Host {
        final int group;
        final Deque<StageCommand> inbox = new ArrayDeque<>();
        Epoch lease;
        boolean heard;
        Optional<StageCommand.InCourse> kept = Optional.empty();
        long round = Long.MIN_VALUE;
        long weight;
        boolean undecided;
        Map.@Nullable Entry<String, Long> saved;
        @Nullable StageCommand last;
        @Nullable StageAnswer answer;

        Host(int group, Epoch lease) {
            this.group = group;
            this.lease = lease;
        }

        /** Another driver is to be heard, and nobody else. */
        void passTo(Epoch next) {
            lease = next;
            heard = false;
            inbox.clear();
            boolean failed = answer instanceof StageAnswer.EdgeBroken;
            kept =
                    !failed && last instanceof StageCommand.InCourse command
                            ? Optional.of(command)
                            : Optional.empty();
        }
    }

    /** Between two checkpoints; then a person has to look. */
    private static final int FAILURES_MAX = 3;

    private static final long EVENT_NANOS = 100_000_000;
    private static final LinkSecret SECRET = new LinkSecret("s");

    /** The simulation knows who holds a group. */
    private final ActorRef<StageCommand> nobody = TestInbox.<StageCommand>create("nobody").getRef();

    private final Random random;
    private final double trouble;
    private final int groups;
    private final int eventsOfADriver;
    private TrainCourse course;

    /** Those that hold the groups now, and those that have lost them and may not know. */
    private final List<Host> hosts = new ArrayList<>();

    /** Whom the driver takes for the holder of a group. */
    private final Map<Integer, Host> known = new TreeMap<>();

    private final Deque<StageAnswer> toDriver = new ArrayDeque<>();
    private final Map<String, Map<Integer, Long>> disk = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final StringBuilder metrics = new StringBuilder();

    /** So much of the metrics is in the file. */
    private int written;

    /** Where the file of metrics is cut before more is written. */
    private int cut;

    private long term = 1;
    private int turns;
    private int steps;
    private final Deque<CourseEffect.Commit> committing = new ArrayDeque<>();
    private final NavigableMap<Integer, JobEvent.CheckpointCommitted> journaled = new TreeMap<>();
    private final List<Rewind> rewinds = new ArrayList<>();
    private final PlannedTraining planned;
    private final Map<String, Integer> sent = new TreeMap<>();
    private int lookedAt;
    private int pauses;
    private long leases;
    private int recoveries;
    private int suspected;

    /** Of these, since the last checkpoint. */
    private int suspectedInVain;

    /** What is journaled before the stages begin anew. */
    private @Nullable CourseEffect beginning;

    private @Nullable List<Long> result;

    /**
     * @param trouble how likely it is that something goes wrong with a message
     */
    CourseSimulation(PlannedTraining planned, int groups, long seed, double trouble) {
        this(planned, groups, seed, trouble, Integer.MAX_VALUE);
    }

    /**
     * @param eventsOfADriver after about so many it dies
     */
    CourseSimulation(
            PlannedTraining planned, int groups, long seed, double trouble, int eventsOfADriver) {
        this.random = new Random(seed);
        this.trouble = trouble;
        this.groups = groups;
        this.planned = planned;
        this.eventsOfADriver = eventsOfADriver;
        this.course = newCourse();
        course.divide(groups);
        for (int group = 0; group < groups; group++) {
            replace(group);
        }
    }

    private TrainCourse newCourse() {
        return new TrainCourse(
                planned, (step, round) -> "step-%d.%d".formatted(step, round), "model");
    }

    /** Steps that hosts have computed, all together. */
    int steps() {
        return steps;
    }

    /** How often another driver has gone on with the stages as they were. */
    int takeOvers() {
        return (int)
                notes.stream().filter(note -> note.startsWith("takes over after step")).count();
    }

    List<String> notes() {
        return notes;
    }

    /** How many commands of each kind were sent. */
    Map<String, Integer> sent() {
        return sent;
    }

    int recoveries() {
        return recoveries;
    }

    /** How often an edge was told to be broken. */
    int suspected() {
        return suspected;
    }

    int pauses() {
        return pauses;
    }

    private TrainingState journaled() {
        int keep = planned.job().checkpointsKept();
        return new TrainingState(
                new JobEvent.TrainingPlanned(
                        "plan", "", "", planned.steps(), groups, keep, List.of(), Instant.EPOCH),
                journaled,
                rewinds,
                lookedAt,
                turns,
                recoveries);
    }

    /** The metrics without times. */
    String metrics() {
        return metrics.toString().replaceAll("\"(seconds|tokens_per_second)\":[^,}]+", "\"$1\":0");
    }

    /** The numbers of all hosts after a step, if nothing was done again. */
    List<Long> at(int step) {
        Checkpoint checkpoint = new Checkpoint(step, "step-%d.0".formatted(step), List.of());
        return IntStream.range(0, groups).mapToObj(group -> saved(checkpoint, group)).toList();
    }

    /** Runs to the end; gives the numbers of all hosts. */
    List<Long> run(int eventsMax) {
        perform(course.begin(0, SECRET, journaled()));
        for (int event = 0; result == null; event++) {
            if (event > eventsMax) {
                throw new AssertionError("no end after %d events".formatted(eventsMax));
            }
            next(event * EVENT_NANOS);
        }
        return result;
    }

    private boolean chance() {
        return random.nextDouble() < trouble;
    }

    /** Something that can happen happens. */
    private void next(long now) {
        if (chance() && random.nextInt(20 * groups) == 0) {
            lose(random.nextInt(groups));
        }
        if (eventsOfADriver < Integer.MAX_VALUE && random.nextInt(eventsOfADriver) == 0) {
            die();
        }
        if (chance() && random.nextInt(60 * groups) == 0) {
            perform(course.divide(groups));
            for (int group = 0; group < groups; group++) {
                replace(group);
            }
        }
        int all = hosts.size();
        int what = random.nextInt(all + 3);
        if (what < all) {
            Host host = hosts.get(what);
            StageCommand command = host.inbox.poll();
            if (command != null) {
                host.heard = true;
                obey(host, command);
            } else if (!host.heard && !toDriver.contains(arrival(host))) {
                toDriver.add(arrival(host));
            }
        } else if (what == all && !toDriver.isEmpty()) {
            StageAnswer answer = toDriver.poll();
            if (!chance()) {
                hear(answer, now);
            }
            if (chance()) {
                hear(answer, now);
            }
        } else if (what == all + 1 && !committing.isEmpty()) {
            CourseEffect.Commit commit = committing.poll();
            journal(commit);
            perform(course.committed(commit.checkpoint(), now));
        } else if (what == all + 2) {
            if (beginning != null && committing.isEmpty()) {
                CourseEffect why = beginning;
                beginning = null;
                journal(why);
                if (why instanceof CourseEffect.GiveUp) {
                    die();
                } else {
                    beginAnew();
                }
            } else if ((trouble > 0 || eventsOfADriver < Integer.MAX_VALUE)
                    && random.nextInt(5) == 0) {
                perform(course.again());
                perform(course.look(now));
            }
        }
    }

    /** The file of metrics is on the disk before. */
    private void journal(CourseEffect.Commit commit) {
        written = Math.max(written, (int) commit.state().metricsBytes());
        journaled.putIfAbsent(
                commit.checkpoint().step(),
                new JobEvent.CheckpointCommitted(
                        commit.checkpoint(), commit.state(), "c", Instant.EPOCH));
        suspectedInVain = 0;
        boolean best = planned.job().output().which() == OutputSettings.Which.BEST;
        while (!best && journaled.size() > planned.job().checkpointsKept()) {
            journaled.pollFirstEntry();
        }
    }

    private void journal(CourseEffect why) {
        switch (why) {
            case CourseEffect.GoBack(Rewind back) -> {
                journaled.tailMap(back.to(), false).clear();
                rewinds.removeIf(earlier -> earlier.to() >= back.to());
                rewinds.add(back);
                turns++;
            }
            case CourseEffect.Pause _ -> {
                lookedAt = journaled.lastKey();
                pauses++;
                turns++;
            }
            case CourseEffect.GiveUp _ -> turns++;
            default -> {}
        }
    }

    private void beginAnew() {
        recoveries++;
        cut = (int) journaled().done().metricsBytes();
        perform(course.begin(recoveries, SECRET, journaled()));
    }

    /** What only the driver knew, and what was on its way to it, is lost. */
    private void die() {
        toDriver.clear();
        while (!committing.isEmpty() && random.nextBoolean()) {
            journal(committing.poll());
        }
        if (committing.isEmpty() && beginning != null && random.nextBoolean()) {
            journal(beginning);
        }
        committing.clear();
        beginning = null;
        loseLines();
        Map<Integer, Host> holders = new TreeMap<>();
        hosts.forEach(host -> holders.merge(host.group, host, (a, b) -> succeeds(a, b) ? a : b));
        hosts.retainAll(holders.values());
        known.clear();
        term++;
        course = newCourse();
        beginAnew();
        perform(course.divide(groups));
        for (Host host : holders.values()) {
            if (chance()) {
                replace(host.group);
            } else {
                host.passTo(new Epoch(term, ++leases));
            }
        }
    }

    /** Of the lines that were not known to be written; in trouble, of all but the durable ones. */
    private void loseLines() {
        int least = chance() ? (int) journaled().done().metricsBytes() : written;
        int at = least + random.nextInt(metrics.length() - least + 1);
        metrics.setLength(Math.max(least, metrics.lastIndexOf("\n", at) + 1));
        written = metrics.length();
    }

    /** As the file of metrics does. */
    private void write(String text) {
        metrics.setLength(Math.min(metrics.length(), cut));
        written = Math.min(written, metrics.length());
        cut = Integer.MAX_VALUE;
        metrics.append(text);
        if (random.nextInt(3) > 0) {
            written = metrics.length();
            course.written(written);
        }
    }

    private void discard(long round) {
        disk.keySet()
                .removeIf(
                        folder ->
                                !folder.endsWith("." + round)
                                        && journaled.values().stream()
                                                .noneMatch(
                                                        kept ->
                                                                kept.checkpoint()
                                                                        .folder()
                                                                        .equals(folder)));
    }

    private boolean isWritten(MetricsMark left) {
        if (metrics.length() < left.inFile()) {
            return false;
        }
        String own = metrics.substring((int) left.begin(), (int) left.inFile()) + left.unwritten();
        byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
        return MetricsMark.hash(MetricsMark.HASH_OF_NONE, bytes, bytes.length) == left.hash();
    }

    private void hear(StageAnswer answer, long now) {
        switch (answer) {
            case StageAnswer.Arrived arrival -> {
                List<CourseEffect> effects = course.arrived(arrival);
                if (course.isCurrent(arrival)) {
                    known.put(arrival.group(), holder(arrival.lease()));
                }
                perform(effects);
            }
            case StageAnswer.InRound in -> perform(course.answered(in, now));
        }
    }

    /**
     * The driver may hear of it from the pool, from those who wait for the group, or not at all.
     */
    private void lose(int group) {
        boolean told = random.nextBoolean();
        if (told) {
            hosts.stream()
                    .filter(host -> host.group == group)
                    .map(host -> host.lease)
                    .max(Comparator.naturalOrder())
                    .ifPresent(lease -> course.lost(group, lease, "it fell silent"));
        }
        if (random.nextBoolean()) {
            Host waiting = hosts.get(random.nextInt(hosts.size()));
            if (waiting.last != null) {
                waiting.answer = broken(waiting, waiting.last, group);
                toDriver.add(waiting.answer);
            }
        }
        if (told || random.nextInt(4) > 0) {
            replace(group);
        }
    }

    /**
     * In the middle of its last command, or after it. Now and then it knows who is gone, and may be
     * wrong.
     */
    private StageAnswer broken(Host host, StageCommand last, int lost) {
        long number =
                last instanceof StageCommand.InCourse command ? command.bearings().number() : 0;
        List<LinkAddress> refusing =
                random.nextBoolean() ? List.of() : List.of(new LinkAddress("h", 1 + lost));
        return new StageAnswer.EdgeBroken(
                host.group, host.round, number, "an edge broke", refusing);
    }

    /** As the pool does with the lease of who is said to be gone. */
    private void expire(Host host) {
        course.lost(host.group, host.lease, "it is gone");
        replace(host.group);
    }

    /** Another worker holds the group; the old one goes on until it is forgotten. */
    private void replace(int group) {
        hosts.add(new Host(group, new Epoch(term, ++leases)));
        if (hosts.size() > 2 * groups) {
            Optional<Host> zombie =
                    hosts.stream()
                            .filter(host -> hosts.stream().anyMatch(o -> succeeds(o, host)))
                            .findFirst();
            zombie.ifPresent(hosts::remove);
        }
    }

    private static boolean succeeds(Host one, Host other) {
        return one.group == other.group && one.lease.compareTo(other.lease) > 0;
    }

    private Host holder(Epoch lease) {
        return hosts.stream()
                .filter(host -> host.lease.equals(lease))
                .findFirst()
                .orElseGet(() -> new Host(0, lease)); // gone meanwhile: it hears nothing
    }

    private StageAnswer.Arrived arrival(Host host) {
        return new StageAnswer.Arrived(
                host.group,
                host.lease,
                "w" + host.lease,
                "c",
                Optional.of(new LinkAddress("h", 1 + host.group)),
                host.kept,
                nobody);
    }

    private void perform(List<CourseEffect> effects) {
        for (CourseEffect effect : effects) {
            switch (effect) {
                case CourseEffect.Send(int group, StageCommand command) -> {
                    sent.merge(command.getClass().getSimpleName(), 1, Integer::sum);
                    if (!chance()) {
                        Optional.ofNullable(known.get(group)).orElseThrow().inbox.add(command);
                    }
                }
                case CourseEffect.Write(String text) -> write(text);
                case CourseEffect.Compare(StageCommand.InCourse last) ->
                        perform(course.compared(last, isWritten(last.bearings().metrics()), 0));
                case CourseEffect.TakeUp(MetricsMark left) -> {
                    cut = (int) left.inFile();
                    write(left.unwritten());
                }
                case CourseEffect.Discard(long round) -> discard(round);
                case CourseEffect.Commit commit -> committing.add(commit);
                case CourseEffect.StepBack _, CourseEffect.GoBack _, CourseEffect.Pause _ ->
                        beginning = effect;
                case CourseEffect.Suspect(List<Epoch> gone) -> {
                    suspected++;
                    suspectedInVain++;
                    gone.stream().map(this::holder).forEach(this::expire);
                }
                case CourseEffect.Complete(List<WrittenShard> shards, var _) ->
                        result =
                                shards.stream().map(s -> Long.parseLong(s.headerSha256())).toList();
                case CourseEffect.Note(String sentence) -> notes.add(sentence);
                case CourseEffect.GiveUp gaveUp -> giveUp(gaveUp);
            }
        }
    }

    /** It pauses, which only edges that break again and again justify; a person resumes it. */
    private void giveUp(CourseEffect.GiveUp gaveUp) {
        assertThat(suspectedInVain).as("%s", gaveUp).isGreaterThanOrEqualTo(FAILURES_MAX);
        beginning = gaveUp;
    }

    /** As a host of stages does. */
    private void obey(Host host, StageCommand command) {
        if (command.round() < host.round) {
            return;
        }
        if (!command.equals(host.last)) {
            host.round = command.round();
            host.last = command;
            host.answer = done(host, command);
        }
        if (host.answer != null) {
            toDriver.add(host.answer);
        }
    }

    private StageAnswer done(Host host, StageCommand command) {
        return switch (command) {
            case StageCommand.Begin(
                            long round,
                            int phase,
                            var resume,
                            boolean inherits,
                            Seating seating,
                            var _) -> {
                assertThat(seating.addresses()).hasSize(groups);
                host.undecided = false;
                host.weight = resume.map(from -> saved(from, host.group)).orElse(17L + host.group);
                // What follows from the end of another phase is other than that end.
                host.weight += inherits ? 1_000L * phase : 0;
                yield new StageAnswer.Begun(host.group, round, List.of("2 rows were split"));
            }
            case StageCommand.Step(long round, var verdict, int step, long firstRow, var _) -> {
                decide(host, verdict);
                host.undecided = true;
                steps++;
                yield new StageAnswer.Stepped(
                        host.group, round, step, figures(host, firstRow), random.nextBoolean());
            }
            case StageCommand.Score(long round, var verdict, int step, var _) -> {
                decide(host, verdict);
                boolean head = host.group == groups - 1;
                yield new StageAnswer.Scored(
                        host.group,
                        round,
                        step,
                        head ? Math.floorMod(host.weight, 1000) : 0,
                        head ? 100 : 0,
                        List.of(new SampleText("Once", "step " + step)));
            }
            case StageCommand.Save(long round, var verdict, int step, String folder, var _) -> {
                decide(host, verdict);
                host.saved = Map.entry(folder, host.weight);
                yield new StageAnswer.Saved(host.group, round, step);
            }
            case StageCommand.Settle(long round, var verdict, int step, var _) -> {
                decide(host, verdict);
                Map.Entry<String, Long> saved = Objects.requireNonNull(host.saved);
                disk.computeIfAbsent(saved.getKey(), f -> new HashMap<>())
                        .put(host.group, saved.getValue());
                yield new StageAnswer.Settled(
                        host.group,
                        round,
                        step,
                        List.of(new CheckpointPart("part-" + host.group, 1, "x")));
            }
            case StageCommand.Export(long round, Checkpoint from, String folder) -> {
                List<WrittenShard> shards = new ArrayList<>();
                for (int group = 0; group < groups; group++) {
                    String weight = String.valueOf(saved(from, group));
                    shards.add(new WrittenShard("s" + group, 1, weight, new TreeMap<>()));
                }
                yield new StageAnswer.Exported(host.group, round, shards, Optional.empty());
            }
        };
    }

    private static void decide(Host host, Optional<StepVerdict> verdict) {
        if (verdict.isPresent() != host.undecided) {
            throw new AssertionError("verdict %s, open %s".formatted(verdict, host.undecided));
        }
        host.undecided = false;
        if (verdict.isPresent()) {
            double rate = verdict.get() instanceof StepVerdict.Apply on ? on.learningRate() : 0;
            host.weight = 31 * host.weight + Double.hashCode(rate);
        }
    }

    private long saved(Checkpoint from, int group) {
        return Optional.ofNullable(disk.get(from.folder()))
                .map(parts -> parts.get(group))
                .orElseThrow();
    }

    private StepFigures figures(Host host, long firstRow) {
        long mixed = Math.floorMod(31 * host.weight + firstRow, 997);
        byte[] name = "w%d".formatted(host.group).getBytes(StandardCharsets.UTF_8);
        return new StepFigures(
                host.group == groups - 1 ? List.of(new MicroLoss(mixed, mixed, 0, 0)) : List.of(),
                new TreeMap<>(),
                host.group == groups - 1 ? List.of(10) : List.of(),
                new TreeMap<>(Map.of(new String(name, StandardCharsets.UTF_8), 1.0 + mixed)),
                new TreeMap<>(),
                new TreeMap<>());
    }
}
