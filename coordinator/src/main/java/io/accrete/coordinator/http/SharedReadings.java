package io.accrete.coordinator.http;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.stream.StreamLimitReachedException;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;

import io.accrete.protocol.http.JobNews;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * One reading of a job's journal for all who come within a moment, as watchers do who were cut off
 * together: to tell a job is to fold all of its events, which costs each the same.
 */
final class SharedReadings {
    /** What is held for a moment; a job with more events is read by each watcher for himself. */
    private static final int EVENTS_MAX = 20_000;

    private final Function<String, Source<JobNews, NotUsed>> soFar;
    private final Duration moment;
    private final ActorSystem<?> system;
    private final Map<String, CompletionStage<List<JobNews>>> readings = new ConcurrentHashMap<>();

    /**
     * @param soFar all events of a job until now
     * @param moment for how long after its begin a reading is shared
     */
    SharedReadings(
            Function<String, Source<JobNews, NotUsed>> soFar,
            Duration moment,
            ActorSystem<?> system) {
        this.soFar = soFar;
        this.moment = moment;
        this.system = system;
    }

    /**
     * All events of a job until now, or until a moment ago.
     *
     * @param after the number of an event that was there already, if it ever was
     */
    Source<JobNews, NotUsed> of(String job, long after) {
        CompletionStage<Source<JobNews, NotUsed>> events =
                readings.computeIfAbsent(job, this::begin)
                        .thenApply(
                                all ->
                                        all.isEmpty() || all.getLast().number() < after
                                                ? soFar.apply(job)
                                                : Source.from(all))
                        .exceptionally(failure -> alone(job, cause(failure)));
        return Source.completionStageSource(events)
                .mapMaterializedValue(_ -> NotUsed.getInstance());
    }

    private CompletionStage<List<JobNews>> begin(String job) {
        system.scheduler()
                .scheduleOnce(moment, () -> readings.remove(job), system.executionContext());
        return soFar.apply(job).limit(EVENTS_MAX).runWith(Sink.seq(), system);
    }

    private Source<JobNews, NotUsed> alone(String job, Throwable failure) {
        return failure instanceof StreamLimitReachedException
                ? soFar.apply(job)
                : Source.failed(failure);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
