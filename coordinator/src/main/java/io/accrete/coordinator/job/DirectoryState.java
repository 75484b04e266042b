package io.accrete.coordinator.job;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobPhase;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The list of jobs: the fold of its events.
 *
 * @param term of the coordinator that took over last; 0 before the first
 * @param jobs by identity, oldest first
 */
public record DirectoryState(long term, Map<String, Listing> jobs) {

    static final DirectoryState EMPTY = new DirectoryState(0, Map.of());

    /**
     * @param user who submitted it, where that is known
     * @param ended the terminal phase, once there
     */
    record Listing(String key, String output, Optional<String> user, Optional<JobPhase> ended) {}

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
                    "the list of jobs is full: %d of at most %d; raise"
                                    .formatted(jobs.size(), limits.all())
                            + " accrete.coordinator.jobs-max or start with a new journal");
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
            case DirectoryEvent.TermStarted e -> new DirectoryState(e.term(), jobs);
            case DirectoryEvent.JobListed e ->
                    with(e.job(), new Listing(e.key(), e.output(), e.user(), Optional.empty()));
            case DirectoryEvent.JobClosed e -> {
                Listing listing = jobs.get(e.job());
                if (listing == null) {
                    throw new IllegalStateException("closed but never listed: " + e);
                }
                yield with(
                        e.job(),
                        new Listing(
                                listing.key(),
                                listing.output(),
                                listing.user(),
                                Optional.of(e.phase())));
            }
        };
    }

    boolean isOpen(String job) {
        Listing listing = jobs.get(job);
        return listing != null && listing.ended().isEmpty();
    }

    private DirectoryState with(String job, Listing listing) {
        Map<String, Listing> changed = new LinkedHashMap<>(jobs);
        changed.put(job, listing);
        return new DirectoryState(term, changed);
    }
}
