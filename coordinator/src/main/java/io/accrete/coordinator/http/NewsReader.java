package io.accrete.coordinator.http;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.japi.Pair;
import akka.stream.BoundedSourceQueue;
import akka.stream.javadsl.Source;

import io.accrete.protocol.http.JobNews;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * What a watcher of a job is told: what happened, as fast as it is read in the journal, then what
 * happens, from the {@link FeedHub}. A watcher joins there with the number of the journal's last
 * event, whatever number it claims to know: all others share the feed that it may open.
 */
final class NewsReader {
    private static final Duration HUB_ANSWERS = Duration.ofSeconds(5);

    /** Before the journal is read again, which whoever is behind would do without end. */
    private static final Duration PAUSE_MIN = Duration.ofMillis(50);

    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

    private final Function<String, Source<JobNews, NotUsed>> soFar;
    private final ActorRef<FeedHub.Command> hub;
    private final int eventsMax;
    private final ActorSystem<?> system;

    /**
     * @param soFar all events of a job until now
     * @param eventsMax how many new ones may wait for a slow watcher
     */
    NewsReader(
            Function<String, Source<JobNews, NotUsed>> soFar,
            ActorRef<FeedHub.Command> hub,
            int eventsMax,
            ActorSystem<?> system) {
        this.soFar = soFar;
        this.hub = hub;
        this.eventsMax = eventsMax;
        this.system = system;
    }

    /** All events of a job after a number; one that is not there yet stands for the last. */
    Source<JobNews, NotUsed> after(String job, long number) {
        return read(job, number, PAUSE_MIN);
    }

    private Source<JobNews, NotUsed> read(String job, long after, Duration pause) {
        AtomicLong last = new AtomicLong();
        return soFar.apply(job)
                .map(
                        one -> {
                            last.set(one.number());
                            return one;
                        })
                .filter(one -> one.number() > after)
                .concatLazy(Source.lazySource(() -> live(job, last.get(), pause)));
    }

    private Source<JobNews, NotUsed> live(String job, long after, Duration pause) {
        Pair<BoundedSourceQueue<JobNews>, Source<JobNews, NotUsed>> queue =
                Source.<JobNews>queue(eventsMax).preMaterialize(system);
        CompletionStage<FeedHub.Answer> answer =
                AskPattern.ask(
                        hub,
                        replyTo -> new FeedHub.Join(job, after, queue.first(), replyTo),
                        HUB_ANSWERS,
                        system.scheduler());
        Source<JobNews, NotUsed> joined =
                queue.second()
                        .watchTermination(
                                (value, done) -> {
                                    done.whenComplete(
                                            (_, _) ->
                                                    hub.tell(new FeedHub.Left(job, queue.first())));
                                    return value;
                                });
        return Source.completionStageSource(
                        answer.thenApply(
                                there ->
                                        switch (there) {
                                            case JOINED -> joined;
                                            case BEHIND -> again(job, after, pause);
                                        }))
                .mapMaterializedValue(_ -> NotUsed.getInstance());
    }

    private Source<JobNews, NotUsed> again(String job, long after, Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        Duration next = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
        return Source.lazySource(() -> read(job, after, next))
                .initialDelay(pause)
                .mapMaterializedValue(_ -> NotUsed.getInstance());
    }
}
