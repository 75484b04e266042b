package io.accrete.coordinator.http;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.marshalling.Marshaller;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;

import io.accrete.coordinator.job.JobHistory;
import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobNews;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/** What happened and happens to a job, as server-sent events and as a list. */
final class StreamRoutes extends AllDirectives {
    /** A comment, which no reader of events takes for one. */
    private static final ByteString HEARTBEAT = ByteString.fromString(":\n\n");

    /** Shorter than what the feed of a job remembers of it. */
    private static final Duration READ_TOGETHER = Duration.ofMillis(500);

    private static final Marshaller<Source<ByteString, NotUsed>, RequestEntity> EVENTS =
            Marshaller.withFixedContentType(
                    MediaTypes.TEXT_EVENT_STREAM.toContentType(),
                    bytes ->
                            HttpEntities.create(
                                    MediaTypes.TEXT_EVENT_STREAM.toContentType(), bytes));

    private final Jobs jobs;
    private final JobHistory history;
    private final ApiSettings settings;
    private final Guard guard;
    private final ActorSystem<?> system;
    private final NewsReader reader;
    private final AtomicInteger watchers;

    /**
     * @param watchers how many streams are read on this node
     */
    StreamRoutes(
            Jobs jobs,
            JobHistory history,
            ApiSettings settings,
            Guard guard,
            ActorSystem<?> system,
            ActorRef<FeedHub.Command> hub,
            AtomicInteger watchers) {
        this.jobs = jobs;
        this.history = history;
        this.settings = settings;
        this.guard = guard;
        this.system = system;
        this.reader =
                new NewsReader(
                        history::soFar, READ_TOGETHER, hub, settings.watcherEventsMax(), system);
        this.watchers = watchers;
    }

    Route route() {
        return concat(below("events", this::events), below("logs", this::logs));
    }

    private Route below(String what, Function<String, Route> inner) {
        return path(
                PathMatchers.segment().slash(what),
                job ->
                        get(
                                () ->
                                        guard.allow(
                                                Role.READ,
                                                () -> ifThere(job, () -> inner.apply(job)))));
    }

    private Route ifThere(String job, Supplier<Route> inner) {
        return Answers.then(
                jobs.view(job),
                view -> view.isPresent() ? inner.get() : complete(Answers.noSuchJob(job)));
    }

    private Route events(String job) {
        return optionalHeaderValueByName(
                "Last-Event-ID",
                last -> {
                    OptionalLong after = last.map(StreamRoutes::number).orElse(OptionalLong.of(0));
                    if (after.isEmpty()) {
                        return complete(
                                Answers.problem(
                                        StatusCodes.BAD_REQUEST,
                                        "API-400",
                                        "Last-Event-ID is the number of an event"));
                    }
                    return watch(job, after.getAsLong());
                });
    }

    private Route watch(String job, long after) {
        return watchers.get() < settings.watchersMax()
                ? completeOK(stream(job, after), EVENTS)
                : complete(
                        Answers.problem(
                                StatusCodes.SERVICE_UNAVAILABLE,
                                "API-503",
                                "this node serves %,d streams of events, the most that it may;"
                                                .formatted(settings.watchersMax())
                                        + " ask another node, or come back later"));
    }

    private Source<ByteString, NotUsed> stream(String job, long after) {
        return Source.lazySource(() -> counted(job, after))
                .mapMaterializedValue(_ -> NotUsed.getInstance())
                .map(StreamRoutes::event)
                .keepAlive(settings.heartbeat(), () -> HEARTBEAT);
    }

    /** As HTML's "Server-sent events" has it; JSON as it is written here is one line. */
    private static ByteString event(JobNews one) {
        return ByteString.fromString(
                "data:%s\nevent:%s\nid:%d\n\n"
                        .formatted(ApiJson.write(one), one.event(), one.number()));
    }

    /** Once somebody reads it, who then counts until he leaves. */
    private Source<JobNews, NotUsed> counted(String job, long after) {
        if (watchers.incrementAndGet() > settings.watchersMax()) {
            watchers.decrementAndGet();
            return Source.failed(new IllegalStateException("too many came at once"));
        }
        return reader.after(job, after)
                .takeWhile(one -> !one.state().isTerminal(), true)
                .watchTermination(
                        (value, done) -> {
                            done.whenComplete((_, _) -> watchers.decrementAndGet());
                            return value;
                        });
    }

    private static OptionalLong number(String text) {
        try {
            long number = Long.parseLong(text);
            return number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private Route logs(String job) {
        return Answers.of(history.soFar(job).runWith(Sink.seq(), system), Answers::ok);
    }
}
