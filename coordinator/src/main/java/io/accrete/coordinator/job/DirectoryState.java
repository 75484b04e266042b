package io.accrete.coordinator.job;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The list of jobs: the fold of its events. It is changed in place, as a copy for each event would
 * make a long journal slow to read; so it belongs to one actor. Only the empty one never changes:
 * each reading of the journal begins with it, also after a failure.
 */
public final class DirectoryState {
    /** Keys beside its own under which one job may be known; further ones are not kept. */
    private static final int JOINED_MAX = 32;

    private final boolean isEmpty;
    private long term;
    private long listed;
    private final SequencedMap<String, Listing> jobs = new LinkedHashMap<>();
    private final Map<Submission, String> submissions = new HashMap<>();
    private final Map<String, List<Submission>> joined = new HashMap<>();

    /** Sorted, so that what lies in a folder is found without a look at all. */
    private final NavigableMap<String, String> openOutputs = new TreeMap<>();

    private final Map<Optional<String>, Integer> openOfUsers = new HashMap<>();

    private DirectoryState(boolean isEmpty) {
        this.isEmpty = isEmpty;
    }

    /** Before the first event. */
    static DirectoryState empty() {
        return new DirectoryState(true);
    }

    /** One user's keys are no business of another's. */
    private record Submission(Optional<String> user, String key) {}

    /**
     * @param number 1, 2, 3, ... in the order in which jobs came; never given again
     * @param user who submitted it, where that is known
     * @param kind not known of those that an early version listed
     * @param ended the terminal phase, once there
     */
    record Listing(
            long number,
            String key,
            String output,
            Optional<String> user,
            Optional<JobKind> kind,
            Optional<JobPhase> ended) {
        private Listing endedIn(JobPhase phase) {
            return new Listing(number, key, output, user, kind, Optional.of(phase));
        }

        private Submission submission() {
            return new Submission(user, key);
        }

        /** Whether it may be what is asked for, as far as the list itself tells. */
        boolean mayMatch(JobQuery query) {
            boolean kindMay = query.kind().isEmpty() || kind.isEmpty() || kind.equals(query.kind());
            // One that is not closed yet may have ended all the same.
            boolean phaseMay =
                    query.phase().isEmpty() || ended.isEmpty() || ended.equals(query.phase());
            return kindMay && phaseMay;
        }
    }

    /** What is to be done with a submission. */
    sealed interface Admission {

        /** It belongs to a job that is there, by its key. */
        record Known(String job) implements Admission {}

        /** A job that has not ended publishes to its output, and may be the same. */
        record SameOutput(String job) implements Admission {}

        record New(DirectoryEvent.JobListed event) implements Admission {}

        record Refused(String sentence) implements Admission {}
    }

    /**
     * @param fresh the job as it would be listed
     */
    Admission admit(DirectoryEvent.JobListed fresh, JobLimits limits) {
        String known = submissions.get(new Submission(fresh.user(), fresh.key()));
        if (known != null) {
            return new Admission.Known(known);
        }
        String same = openOutputs.get(fresh.output());
        if (same != null) {
            return new Admission.SameOutput(same);
        }
        return nested(fresh.output())
                .or(() -> overfull(fresh.user(), limits))
                .<Admission>map(Admission.Refused::new)
                .orElseGet(() -> new Admission.New(fresh));
    }

    /** Keeps another key of a job, unless there are too many or the key has one meanwhile. */
    Optional<DirectoryEvent> join(DirectoryEvent.KeyJoined event) {
        boolean mayBe =
                jobs.containsKey(event.job())
                        && !submissions.containsKey(new Submission(event.user(), event.key()))
                        && joined.getOrDefault(event.job(), List.of()).size() < JOINED_MAX;
        return mayBe ? Optional.of(event) : Optional.empty();
    }

    /** The submission of a job that another, which is listed, wants in the name of its user. */
    Optional<Directory.Submit> named(Directory.SubmitBeside beside) {
        return Optional.ofNullable(jobs.get(beside.job()))
                .map(
                        asking ->
                                new Directory.Submit(
                                        beside.spec(),
                                        Jobs.keyBeside(asking.key()),
                                        asking.user().orElse(""),
                                        beside.to()));
    }

    /** What is made below another output would be in the way when that is published. */
    private Optional<String> nested(String output) {
        String inside = output.endsWith("/") ? output : output + "/";
        String below = openOutputs.ceilingKey(inside);
        return (below != null && below.startsWith(inside) ? Optional.of(below) : above(output))
                .map(
                        open ->
                                "job %s, which has not ended, publishes to %s, and one of the two outputs lies in the other; choose another output"
                                        .formatted(openOutputs.get(open), open));
    }

    private Optional<String> above(String output) {
        return Stream.iterate(
                        output,
                        path -> path.contains("/"),
                        path -> path.substring(0, path.lastIndexOf('/')))
                .filter(openOutputs::containsKey)
                .findFirst();
    }

    /** The bound that one more job would break, as a sentence. */
    private Optional<String> overfull(Optional<String> user, JobLimits limits) {
        int own = openOfUsers.getOrDefault(user, 0);
        if (jobs.size() >= limits.all()) {
            return Optional.of(
                    "the list of jobs is full: %d of at most %d; delete some that have ended, or"
                                    .formatted(jobs.size(), limits.all())
                            + " raise accrete.coordinator.jobs-max");
        }
        if (openOutputs.size() >= limits.unfinished()) {
            return Optional.of(
                    "the queue is full: %d jobs of at most %d have not ended; wait, cancel some, or"
                                    .formatted(openOutputs.size(), limits.unfinished())
                            + " raise accrete.coordinator.queue-max");
        }
        if (user.isPresent() && own >= limits.unfinishedOfUser()) {
            return Optional.of(
                    "%s has %d jobs that have not ended, of at most %d; wait, cancel some, or raise"
                                    .formatted(user.get(), own, limits.unfinishedOfUser())
                            + " accrete.coordinator.user-jobs-max");
        }
        return Optional.empty();
    }

    /** Changes this, unless it is the empty one, in whose stead a new one is given. */
    DirectoryState apply(DirectoryEvent event) {
        DirectoryState next = isEmpty ? new DirectoryState(false) : this;
        next.change(event);
        return next;
    }

    private void change(DirectoryEvent event) {
        switch (event) {
            case DirectoryEvent.TermStarted e -> term = e.term();
            case DirectoryEvent.JobListed e -> list(e);
            case DirectoryEvent.KeyJoined e -> {
                Submission submission = new Submission(e.user(), e.key());
                submissions.put(submission, e.job());
                joined.computeIfAbsent(e.job(), _ -> new ArrayList<>()).add(submission);
            }
            case DirectoryEvent.JobClosed e -> {
                Listing listing = jobs.get(e.job());
                if (listing == null) {
                    throw new IllegalStateException("closed but never listed: " + e);
                }
                close(listing);
                jobs.put(e.job(), listing.endedIn(e.phase()));
            }
            case DirectoryEvent.JobDeleted e -> {
                Listing listing = jobs.remove(e.job());
                if (listing != null) {
                    close(listing);
                    submissions.remove(listing.submission(), e.job());
                    List<Submission> others = joined.remove(e.job());
                    if (others != null) {
                        submissions.keySet().removeAll(others);
                    }
                }
            }
        }
    }

    private void list(DirectoryEvent.JobListed e) {
        Listing listing =
                new Listing(++listed, e.key(), e.output(), e.user(), e.kind(), Optional.empty());
        jobs.put(e.job(), listing);
        submissions.put(listing.submission(), e.job());
        openOutputs.put(listing.output(), e.job());
        openOfUsers.merge(listing.user(), 1, Integer::sum);
    }

    private void close(Listing listing) {
        if (listing.ended().isEmpty()) {
            openOutputs.remove(listing.output());
            openOfUsers.merge(listing.user(), -1, Integer::sum);
        }
    }

    long term() {
        return term;
    }

    SequencedMap<String, Listing> jobs() {
        return Collections.unmodifiableSequencedMap(jobs);
    }

    /**
     * Takes a job off the list.
     *
     * @param seen the phase in which it was last seen; it may have ended without being closed yet
     */
    Decision<DirectoryEvent> delete(String job, Optional<JobPhase> seen, Instant at) {
        DirectoryEvent deleted = new DirectoryEvent.JobDeleted(job, at);
        if (!isOpen(job)) {
            return Decision.accept(deleted);
        }
        if (seen.filter(JobPhase::isTerminal).isEmpty()) {
            return Decision.reject(
                    "job %s is %s: only a job that has ended can be deleted; cancel it first"
                            .formatted(job, seen.map(JobPhase::name).orElse("not known yet")));
        }
        return new Decision.Accepted<>(
                List.of(new DirectoryEvent.JobClosed(job, seen.get(), at), deleted));
    }

    /**
     * How many jobs there are in each phase.
     *
     * @param seen in which phase those were seen that have not ended
     */
    Map<JobPhase, Integer> byPhase(Function<String, Optional<JobPhase>> seen) {
        Map<JobPhase, Integer> counts = new EnumMap<>(JobPhase.class);
        jobs.forEach(
                (job, listing) ->
                        listing.ended()
                                .or(() -> seen.apply(job))
                                .ifPresent(phase -> counts.merge(phase, 1, Integer::sum)));
        return counts;
    }

    /** The job that has not ended and publishes to a path. */
    Optional<String> openAt(String output) {
        return Optional.ofNullable(openOutputs.get(output));
    }

    boolean isOpen(String job) {
        Listing listing = jobs.get(job);
        return listing != null && listing.ended().isEmpty();
    }

    /** The number of the job that a page comes after; empty where the cursor means nothing. */
    OptionalLong after(Optional<String> cursor) {
        if (cursor.isEmpty()) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
        Listing named = jobs.get(cursor.get());
        if (named != null) {
            return OptionalLong.of(named.number());
        }
        return cursor.get().matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(cursor.get()))
                : OptionalLong.empty();
    }

    /**
     * The newest jobs that may be what is asked for, as far as is known here.
     *
     * @param after number of the job that they come after
     * @param isOther which of them are known not to be
     */
    List<Map.Entry<String, Listing>> newest(
            JobQuery query, long after, int most, Predicate<String> isOther) {
        List<Map.Entry<String, Listing>> found = new ArrayList<>();
        for (Map.Entry<String, Listing> job : jobs.sequencedEntrySet().reversed()) {
            if (found.size() == most) {
                break;
            }
            if (job.getValue().number() < after
                    && job.getValue().mayMatch(query)
                    && !isOther.test(job.getKey())) {
                found.add(job);
            }
        }
        return found;
    }
}
