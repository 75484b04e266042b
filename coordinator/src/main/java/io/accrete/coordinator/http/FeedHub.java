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

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * One live query of the journal for each job that is watched on this node, whatever the number of
 * watchers. It tells what happens, not what happened: who joins has read the journal up to a
 * number, and only what the hub still remembers may be missing after that. A watcher that does not
 * keep up is dropped, and may come back with the number of the last event that it saw.
 */
final class FeedHub {
    sealed interface Command {}

    /**
     * Somebody watches a job.
     *
     * @param after the number of the last event that it has read in the journal, and never of one
     *     to come: the feed that others share may begin there
     */
    record Join(
            String job, long after, BoundedSourceQueue<JobNews> watcher, ActorRef<Answer> replyTo)
            implements Command {}

    enum Answer {
        /** All events after that number come. */
        JOINED,
        /** Those after it are not remembered any more: read the journal again. */
        BEHIND
    }

    /** A watcher has gone away. */
    record Left(String job, BoundedSourceQueue<JobNews> watcher) implements Command {}

    private record News(Feed feed, JobNews news) implements Command {}

    private record Ended(Feed feed, @Nullable Throwable failure) implements Command {}

    /** What was told of one job of late, and to whom the next is told. */
    private static final class Feed {
        private final String job;

        /** The number of the last event before those that are remembered. */
        private long start;

        private final Deque<JobNews> remembered = new ArrayDeque<>();
        private final List<Join> watchers = new ArrayList<>();
        private @Nullable KillSwitch query;

        Feed(String job, long start) {
            this.job = job;
            this.start = start;
        }

        void remember(JobNews news, int most) {
            remembered.addLast(news);
            if (remembered.size() > most) {
                start = remembered.removeFirst().number();
            }
        }
    }

    /**
     * How a hub is made.
     *
     * @param live all events of a job after a number, and all to come
     * @param remembered how many events of a job, fewer than a watcher's queue holds
     */
    record Setup(BiFunction<String, Long, Source<JobNews, NotUsed>> live, int remembered) {}

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
            case Join join -> join(join);
            case News(Feed feed, JobNews news) -> tell(feed, news);
            case Ended(Feed feed, Throwable failure) -> end(feed, failure);
            case Left left -> leave(left);
        }
        return Behaviors.same();
    }

    private void join(Join join) {
        Feed feed = feeds.computeIfAbsent(join.job(), job -> open(job, join.after()));
        if (join.after() < feed.start) {
            join.replyTo().tell(Answer.BEHIND);
            return;
        }
        join.replyTo().tell(Answer.JOINED);
        for (JobNews news : feed.remembered) {
            if (!offer(join, news)) {
                closeIfUnwatched(feed);
                return;
            }
        }
        feed.watchers.add(join);
    }

    private void leave(Left left) {
        Feed feed = feeds.get(left.job());
        if (feed != null) {
            feed.watchers.removeIf(watch -> watch.watcher().equals(left.watcher()));
            closeIfUnwatched(feed);
        }
    }

    private Feed open(String job, long after) {
        Feed feed = new Feed(job, after);
        ActorRef<Command> self = context.getSelf();
        feed.query =
                setup.live()
                        .apply(job, after)
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
        feed.remember(news, setup.remembered());
        feed.watchers.removeIf(watcher -> !offer(watcher, news));
        closeIfUnwatched(feed);
    }

    private void closeIfUnwatched(Feed feed) {
        if (feed.watchers.isEmpty() && feeds.remove(feed.job, feed) && feed.query != null) {
            feed.query.shutdown();
        }
    }

    /** False where the watcher has left or fell behind: it is not to be told any more. */
    private static boolean offer(Join watch, JobNews news) {
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

    private static void close(Join watch, @Nullable Throwable failure) {
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
