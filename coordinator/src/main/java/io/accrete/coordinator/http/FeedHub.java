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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
     * @param replyTo told whether there is room for one more
     */
    record Watch(
            String job, long after, BoundedSourceQueue<JobNews> watcher, ActorRef<Boolean> replyTo)
            implements Command {}

    /** A watcher has gone away. */
    record Left(String job, BoundedSourceQueue<JobNews> watcher) implements Command {}

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

    /**
     * How a hub is made.
     *
     * @param live all events of a job so far, and all to come
     * @param watchersMax of all jobs together
     * @param watchers how many there are, for who wants to know
     */
    record Setup(
            Function<String, Source<JobNews, NotUsed>> live,
            int watchersMax,
            AtomicInteger watchers) {}

    private static final Logger LOG = LoggerFactory.getLogger(FeedHub.class);

    private final ActorContext<Command> context;
    private final Setup setup;
    private final Map<String, Feed> feeds = new HashMap<>();

    private FeedHub(ActorContext<Command> context, Setup setup) {
        this.context = context;
        this.setup = setup;
    }

    static Behavior<Command> create(Setup setup) {
        return Behaviors.setup(
                context -> Behaviors.receiveMessage(new FeedHub(context, setup)::on));
    }

    private Behavior<Command> on(Command command) {
        switch (command) {
            case Watch watch when watching() >= setup.watchersMax() -> watch.replyTo().tell(false);
            case Watch watch -> {
                watch(watch);
                count();
                watch.replyTo().tell(true);
            }
            case News(Feed feed, JobNews news) -> tell(feed, news);
            case Ended(Feed feed, Throwable failure) -> end(feed, failure);
            case Left left -> leave(left);
        }
        count();
        return Behaviors.same();
    }

    private void count() {
        setup.watchers().set(watching());
    }

    private int watching() {
        return feeds.values().stream().mapToInt(feed -> feed.watchers.size()).sum();
    }

    private void watch(Watch watch) {
        Feed feed = feeds.computeIfAbsent(watch.job(), this::open);
        for (JobNews news : feed.told) {
            if (!offer(watch, news)) {
                closeIfUnwatched(feed);
                return;
            }
        }
        feed.watchers.add(watch);
    }

    private void leave(Left left) {
        Feed feed = feeds.get(left.job());
        if (feed != null) {
            feed.watchers.removeIf(watch -> watch.watcher().equals(left.watcher()));
            closeIfUnwatched(feed);
        }
    }

    private Feed open(String job) {
        Feed feed = new Feed(job);
        ActorRef<Command> self = context.getSelf();
        feed.query =
                setup.live()
                        .apply(job)
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
        closeIfUnwatched(feed);
    }

    private void closeIfUnwatched(Feed feed) {
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
            close(watch, new IllegalStateException("the watcher fell behind"));
        }
        return false;
    }

    private void end(Feed feed, @Nullable Throwable failure) {
        feeds.remove(feed.job, feed);
        feed.watchers.forEach(watch -> close(watch, failure));
    }

    private static void close(Watch watch, @Nullable Throwable failure) {
        try {
            if (failure == null) {
                watch.watcher().complete();
            } else {
                watch.watcher().fail(failure);
            }
        } catch (IllegalStateException e) {
            // The watcher has just left; the message that says so is on its way.
            LOG.debug("a watcher of {} has left already", watch.job(), e);
        }
    }
}
