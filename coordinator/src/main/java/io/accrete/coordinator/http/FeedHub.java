package io.accrete.coordinator.http;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.stream.BoundedSourceQueue;
import akka.stream.KillSwitch;
import akka.stream.KillSwitches;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;

import io.accrete.protocol.http.JobNews;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One live query of the journal for each job that is watched on this node, whatever the number of
 * watchers. A watcher that does not keep up is dropped, and may come back with the number of the
 * last event that it saw.
 */
final class FeedHub {
    sealed interface Command {}

    /**
     * Somebody watches a job.
     *
     * @param after the number of the last event that need not be sent
     */
    record Watch(String job, long after, BoundedSourceQueue<JobNews> watcher) implements Command {}

    private record News(Feed feed, JobNews news) implements Command {}

    private record Ended(Feed feed, @Nullable Throwable failure) implements Command {}

    /** What was told of one job, and to whom the next is told. */
    private static final class Feed {
        private final String job;
        private final List<JobNews> told = new ArrayList<>();
        private final List<Watch> watchers = new ArrayList<>();
        private @Nullable KillSwitch query;

        Feed(String job) {
            this.job = job;
        }
    }

    private final ActorContext<Command> context;
    private final Function<String, Source<JobNews, NotUsed>> live;
    private final int watchersMax;
    private final Map<String, Feed> feeds = new HashMap<>();

    private FeedHub(
            ActorContext<Command> context,
            Function<String, Source<JobNews, NotUsed>> live,
            int watchersMax) {
        this.context = context;
        this.live = live;
        this.watchersMax = watchersMax;
    }

    /**
     * @param live all events of a job so far, and all to come
     * @param watchersMax of all jobs together
     */
    static Behavior<Command> create(
            Function<String, Source<JobNews, NotUsed>> live, int watchersMax) {
        return Behaviors.setup(
                context -> Behaviors.receiveMessage(new FeedHub(context, live, watchersMax)::on));
    }

    private Behavior<Command> on(Command command) {
        switch (command) {
            case Watch watch -> watch(watch);
            case News(Feed feed, JobNews news) -> tell(feed, news);
            case Ended(Feed feed, Throwable failure) -> end(feed, failure);
        }
        return Behaviors.same();
    }

    private void watch(Watch watch) {
        if (feeds.values().stream().mapToInt(feed -> feed.watchers.size()).sum() >= watchersMax) {
            watch.watcher().fail(new IllegalStateException("too many watch already"));
            return;
        }
        Feed feed = feeds.computeIfAbsent(watch.job(), this::open);
        for (JobNews news : feed.told) {
            if (!offer(watch, news)) {
                return;
            }
        }
        feed.watchers.add(watch);
    }

    private Feed open(String job) {
        Feed feed = new Feed(job);
        ActorRef<Command> self = context.getSelf();
        feed.query =
                live.apply(job)
                        .viaMat(KillSwitches.single(), Keep.right())
                        .toMat(
                                Sink.foreach(news -> self.tell(new News(feed, news))),
                                (query, done) -> {
                                    done.whenComplete(
                                            (_, failure) -> self.tell(new Ended(feed, failure)));
                                    return query;
                                })
                        .run(context.getSystem());
        return feed;
    }

    private void tell(Feed feed, JobNews news) {
        feed.told.add(news);
        feed.watchers.removeIf(watcher -> !offer(watcher, news));
        if (feed.watchers.isEmpty() && feeds.remove(feed.job, feed) && feed.query != null) {
            feed.query.shutdown();
        }
    }

    /** False where the watcher has left or fell behind: it is not to be told any more. */
    private static boolean offer(Watch watch, JobNews news) {
        if (news.number() <= watch.after()) {
            return true;
        }
        QueueOfferResult result = watch.watcher().offer(news);
        if (result.equals(QueueOfferResult.enqueued())) {
            return true;
        }
        if (result.equals(QueueOfferResult.dropped())) {
            watch.watcher().fail(new IllegalStateException("the watcher fell behind"));
        }
        return false;
    }

    private void end(Feed feed, @Nullable Throwable failure) {
        feeds.remove(feed.job, feed);
        for (Watch watch : feed.watchers) {
            if (failure == null) {
                watch.watcher().complete();
            } else {
                watch.watcher().fail(failure);
            }
        }
    }
}
