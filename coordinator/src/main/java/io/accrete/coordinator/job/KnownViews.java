package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The views of jobs that the directory was told, so that a long list does not ask each of them. Of
 * jobs that have ended those that were not asked for lately are forgotten, up to a bound on all:
 * the journal has them.
 */
final class KnownViews {
    /** Bytes, roughly. */
    private static final long ENDED_WEIGHT_MAX = 32L << 20;

    private static final int VIEW_WEIGHT = 1_000;
    private static final int PROBLEM_WEIGHT = 300;
    private static final int TASK_WEIGHT = 200;

    private final Map<String, JobView> open = new HashMap<>();
    private final Map<String, JobView> ended = new LinkedHashMap<>(16, 0.75f, true);
    private final long endedWeightMax;
    private long endedWeight;

    KnownViews() {
        this(ENDED_WEIGHT_MAX);
    }

    KnownViews(long endedWeightMax) {
        this.endedWeightMax = endedWeightMax;
    }

    /** How many bytes a view takes at most, in memory or in a message. */
    static int weight(JobView view) {
        return VIEW_WEIGHT
                + weight(view.reason())
                + view.problems().stream().mapToInt(KnownViews::weight).sum()
                + TASK_WEIGHT * view.running().size();
    }

    private static int weight(Problem problem) {
        return PROBLEM_WEIGHT
                + weight(problem.file())
                + weight(problem.message())
                + weight(problem.fix())
                + weight(problem.snippet());
    }

    private static int weight(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    void put(JobView view) {
        remove(view.id());
        if (!view.phase().isTerminal()) {
            open.put(view.id(), view);
            return;
        }
        ended.put(view.id(), view);
        endedWeight += weight(view);
        Iterator<JobView> eldest = ended.values().iterator();
        while (endedWeight > endedWeightMax && ended.size() > 1) {
            endedWeight -= weight(eldest.next());
            eldest.remove();
        }
    }

    Optional<JobView> get(String job) {
        JobView view = open.get(job);
        return Optional.ofNullable(view == null ? ended.get(job) : view);
    }

    /** A view that will do as it is: nothing goes on in that job that it would not show. */
    Optional<JobView> settled(String job) {
        return get(job).filter(view -> isSettled(view.phase()));
    }

    private static boolean isSettled(JobPhase phase) {
        return switch (phase) {
            case QUEUED, PAUSED, SUCCEEDED, FAILED, CANCELLED -> true;
            case PLANNING, RUNNING, RECOVERING, CANCELLING, PUBLISHING -> false;
        };
    }

    void remove(String job) {
        open.remove(job);
        JobView view = ended.remove(job);
        if (view != null) {
            endedWeight -= weight(view);
        }
    }

    void clear() {
        open.clear();
        ended.clear();
        endedWeight = 0;
    }
}
