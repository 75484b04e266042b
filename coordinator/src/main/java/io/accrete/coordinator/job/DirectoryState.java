package io.accrete.coordinator.job;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The list of jobs: the fold of its events.
 *
 * @param term of the coordinator that took over last; 0 before the first
 * @param listed how many jobs were ever listed
 * @param jobs by identity, oldest first
 */
public record DirectoryState(long term, long listed, SequencedMap<String, Listing> jobs) {

    static final DirectoryState EMPTY = new DirectoryState(0, 0, new LinkedHashMap<>());

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

        /** It belongs to a job that is there: by its key, or since that job writes its output. */
        record Known(String job) implements Admission {}

        record New(DirectoryEvent.JobListed event) implements Admission {}

        record Full(String sentence) implements Admission {}
    }

    /**
     * @param fresh the job as it would be listed
     */
    Admission admit(DirectoryEvent.JobListed fresh, JobLimits limits) {
        for (Map.Entry<String, Listing> job : jobs.entrySet()) {
            if (job.getValue().key().equals(fresh.key())) {
                return new Admission.Known(job.getKey());
            }
        }
        for (Map.Entry<String, Listing> job : jobs.entrySet()) {
            if (job.getValue().ended().isEmpty()
                    && job.getValue().output().equals(fresh.output())) {
                return new Admission.Known(job.getKey());
            }
        }
        return overfull(fresh.user(), limits)
                .<Admission>map(Admission.Full::new)
                .orElseGet(() -> new Admission.New(fresh));
    }

    /** The bound that one more job would break, as a sentence. */
    private Optional<String> overfull(Optional<String> user, JobLimits limits) {
        List<Listing> open = jobs.values().stream().filter(job -> job.ended().isEmpty()).toList();
        long own = open.stream().filter(job -> job.user().equals(user)).count();
        if (jobs.size() >= limits.all()) {
            return Optional.of(
                    "the list of jobs is full: %d of at most %d; delete some that have ended, or"
                                    .formatted(jobs.size(), limits.all())
                            + " raise accrete.coordinator.jobs-max");
        }
        if (open.size() >= limits.unfinished()) {
            return Optional.of(
                    "the queue is full: %d jobs of at most %d have not ended; wait, cancel some, or"
                                    .formatted(open.size(), limits.unfinished())
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

    DirectoryState apply(DirectoryEvent event) {
        return switch (event) {
            case DirectoryEvent.TermStarted e -> new DirectoryState(e.term(), listed, jobs);
            case DirectoryEvent.JobListed e ->
                    new DirectoryState(
                            term,
                            listed + 1,
                            with(
                                    e.job(),
                                    new Listing(
                                            listed + 1,
                                            e.key(),
                                            e.output(),
                                            e.user(),
                                            e.kind(),
                                            Optional.empty())));
            case DirectoryEvent.JobClosed e -> {
                Listing listing = jobs.get(e.job());
                if (listing == null) {
                    throw new IllegalStateException("closed but never listed: " + e);
                }
                yield new DirectoryState(
                        term,
                        listed,
                        with(
                                e.job(),
                                new Listing(
                                        listing.number(),
                                        listing.key(),
                                        listing.output(),
                                        listing.user(),
                                        listing.kind(),
                                        Optional.of(e.phase()))));
            }
            case DirectoryEvent.JobDeleted e -> {
                SequencedMap<String, Listing> fewer = new LinkedHashMap<>(jobs);
                fewer.remove(e.job());
                yield new DirectoryState(term, listed, fewer);
            }
        };
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

    private SequencedMap<String, Listing> with(String job, Listing listing) {
        SequencedMap<String, Listing> changed = new LinkedHashMap<>(jobs);
        changed.put(job, listing);
        return changed;
    }
}
