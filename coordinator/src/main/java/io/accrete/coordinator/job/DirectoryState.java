package io.accrete.coordinator.job;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobPhase;

import java.time.Instant;
import java.util.LinkedHashMap;
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
     * @param ended the terminal phase, once there
     */
    record Listing(String key, String output, Optional<JobPhase> ended) {}

    /** What is to be done with a submission. */
    sealed interface Admission {

        /** It belongs to a job that is there: by its key, or since that job writes its output. */
        record Known(String job) implements Admission {}

        record New(DirectoryEvent.JobListed event) implements Admission {}

        record Full(String sentence) implements Admission {}
    }

    Admission admit(String key, String output, String freshId, int jobsMax, Instant at) {
        for (Map.Entry<String, Listing> job : jobs.entrySet()) {
            if (job.getValue().key().equals(key)) {
                return new Admission.Known(job.getKey());
            }
        }
        for (Map.Entry<String, Listing> job : jobs.entrySet()) {
            if (job.getValue().ended().isEmpty() && job.getValue().output().equals(output)) {
                return new Admission.Known(job.getKey());
            }
        }
        if (jobs.size() >= jobsMax) {
            return new Admission.Full(
                    "the list of jobs is full: %d of at most %d; raise"
                                    .formatted(jobs.size(), jobsMax)
                            + " accrete.coordinator.jobs-max or start with a new journal");
        }
        return new Admission.New(new DirectoryEvent.JobListed(freshId, key, output, at));
    }

    DirectoryState apply(DirectoryEvent event) {
        return switch (event) {
            case DirectoryEvent.TermStarted e -> new DirectoryState(e.term(), jobs);
            case DirectoryEvent.JobListed e ->
                    with(e.job(), new Listing(e.key(), e.output(), Optional.empty()));
            case DirectoryEvent.JobClosed e -> {
                Listing listing = jobs.get(e.job());
                if (listing == null) {
                    throw new IllegalStateException("closed but never listed: " + e);
                }
                yield with(
                        e.job(),
                        new Listing(listing.key(), listing.output(), Optional.of(e.phase())));
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
