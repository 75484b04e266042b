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

    /** Before the journal is read again; doubled each time. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    /**
     * How often a watcher who is behind reads the journal once more, each time within the stream of
     * the time before. Then his stream fails, and he may come again with the number of the last
     * event that he saw.
     */
    private static final int AGAIN_MAX = 5;

    private final Function<String, Source<JobNews, NotUsed>> soFar;
    private final SharedReadings together;
    private final ActorRef<FeedHub.Command> hub;
    private final int eventsMax;
    private final ActorSystem<?> system;

    /**
     * @param soFar all events of a job until now
     * @param moment within which those who come first read the journal together
     * @param eventsMax how many new ones may wait for a slow watcher
     */
    NewsReader(
            Function<String, Source<JobNews, NotUsed>> soFar,
            Duration moment,
            ActorRef<FeedHub.Command> hub,
            int eventsMax,
            ActorSystem<?> system) {
        this.soFar = soFar;
        this.together = new SharedReadings(soFar, moment, system);
        this.hub = hub;
        this.eventsMax = eventsMax;
        this.system = system;
    }

    /** All events of a job after a number; one that is not there yet stands for the last. */
    Source<JobNews, NotUsed> after(String job, long number) {
        return read(job, number, 0);
    }

    /**
     * @param times how often the journal has been read
     */
    private Source<JobNews, NotUsed> read(String job, long after, int times) {
        AtomicLong last = new AtomicLong();
        // Who was behind the feed has to read what is there now.
        return (times == 0 ? together.of(job, after) : soFar.apply(job))
                .map(
                        one -> {
                            last.set(one.number());
                            return one;
                        })
                .filter(one -> one.number() > after)
                .concatLazy(Source.lazySource(() -> live(job, last.get(), times + 1)));
    }

    private Source<JobNews, NotUsed> live(String job, long after, int times) {
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
                                            case BEHIND -> again(job, after, times);
                                        }))
                .mapMaterializedValue(_ -> NotUsed.getInstance());
    }

    private Source<JobNews, NotUsed> again(String job, long after, int times) {
        if (times > AGAIN_MAX) {
            return Source.failed(
                    new IllegalStateException(
                            "the watcher of %s was behind %d times in a row"
                                    .formatted(job, times)));
        }
        return Source.lazySource(() -> read(job, after, times))
                .initialDelay(PAUSE.multipliedBy(1L << (times - 1)))
                .mapMaterializedValue(_ -> NotUsed.getInstance());
    }
}
