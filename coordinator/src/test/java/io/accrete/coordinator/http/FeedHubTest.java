package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import akka.NotUsed;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.japi.Pair;
import akka.stream.BoundedSourceQueue;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The journal is a queue that the test fills. */
class FeedHubTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int REMEMBERED = 5;

    private final AtomicInteger queries = new AtomicInteger();
    private final TestProbe<FeedHub.Answer> answers = KIT.createTestProbe();
    private final TestProbe<Boolean> ends = KIT.createTestProbe();
    private final Pair<BoundedSourceQueue<JobNews>, Source<JobNews, NotUsed>> journal =
            Source.<JobNews>queue(1_000).preMaterialize(KIT.system());
    private final ActorRef<FeedHub.Command> hub =
            KIT.spawn(FeedHub.create(new FeedHub.Setup(this::live, REMEMBERED)));

    private Source<JobNews, NotUsed> live(String job, long after) {
        queries.incrementAndGet();
        return journal.second()
                .filter(news -> news.number() > after)
                .watchTermination(
                        (value, done) -> {
                            done.whenComplete((_, _) -> ends.ref().tell(true));
                            return value;
                        });
    }

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    /** A watcher, and what it has got once it is asked to look. */
    private record Watcher(BoundedSourceQueue<JobNews> queue, Source<JobNews, NotUsed> source) {
        CompletionStage<List<JobNews>> take(int count) {
            return source.take(count).runWith(Sink.seq(), KIT.system());
        }
    }

    private Watcher watch(long after, int room, FeedHub.Answer expected) {
        Pair<BoundedSourceQueue<JobNews>, Source<JobNews, NotUsed>> queue =
                Source.<JobNews>queue(room).preMaterialize(KIT.system());
        hub.tell(new FeedHub.Join("job", after, queue.first(), answers.ref()));
        assertThat(answers.receiveMessage(PATIENCE)).isEqualTo(expected);
        return new Watcher(queue.first(), queue.second());
    }

    private Watcher watch(long after) {
        return watch(after, 100, FeedHub.Answer.JOINED);
    }

    @Test
    void oneQueryServesAllWhoWatchAJob() throws Exception {
        Watcher first = watch(0);
        happens(1, 3);
        assertThat(numbers(first.take(3))).containsExactly(1L, 2L, 3L);

        assertThat(numbers(watch(0).take(3))).containsExactly(1L, 2L, 3L);
        assertThat(numbers(watch(2).take(1))).containsExactly(3L);
        assertThat(queries).hasValue(1);
    }

    @Test
    void whatIsNotRememberedIsReadInTheJournal() throws Exception {
        Watcher first = watch(10);
        watch(9, 100, FeedHub.Answer.BEHIND);
        happens(1, 18);
        assertThat(numbers(first.take(8))).startsWith(11L).endsWith(18L);

        watch(12, 100, FeedHub.Answer.BEHIND);
        assertThat(numbers(watch(13).take(5))).containsExactly(14L, 15L, 16L, 17L, 18L);
        assertThat(queries).hasValue(1);
    }

    @Test
    void aSlowWatcherIsDroppedAloneAndMayResume() throws Exception {
        Watcher slow = watch(0, 2, FeedHub.Answer.JOINED);
        Watcher quick = watch(0);
        happens(1, 50);
        assertThat(numbers(quick.take(50))).hasSize(50);

        assertThat(slow.source().runWith(Sink.seq(), KIT.system()).toCompletableFuture())
                .failsWithin(PATIENCE)
                .withThrowableThat()
                .withMessageContaining("fell behind");
        watch(2, 100, FeedHub.Answer.BEHIND);
        assertThat(numbers(watch(45).take(5))).startsWith(46L).endsWith(50L);
        assertThat(queries).hasValue(1);
    }

    @Test
    void aQueryThatNobodyWatchesEnds() {
        Watcher only = watch(0);
        ends.expectNoMessage(Duration.ofMillis(50));

        hub.tell(new FeedHub.Left("job", only.queue()));
        ends.receiveMessage(PATIENCE);
    }

    /** The message that says that it has left may come later than the end of the query. */
    @Test
    void aWatcherThatHasLeftDoesNotTakeTheOthersWithIt() throws Exception {
        Watcher left = watch(0);
        Watcher other = watch(0);
        left.queue().complete();

        journal.first().fail(new IllegalStateException("the journal went away"));

        assertThat(other.take(1).handle((_, failure) -> failure).toCompletableFuture().get())
                .hasMessageContaining("the journal went away");
        watch(0);
    }

    @Test
    void aStreamEndsWithItsJob() {
        Watcher watcher = watch(0);
        happens(1, 1);
        journal.first().complete();

        assertThat(watcher.source().runWith(Sink.seq(), KIT.system()).toCompletableFuture())
                .succeedsWithin(PATIENCE)
                .satisfies(news -> assertThat(news).hasSize(1));
    }

    private void happens(long from, long to) {
        for (long number = from; number <= to; number++) {
            assertThat(
                            journal.first()
                                    .offer(
                                            new JobNews(
                                                    number,
                                                    Instant.EPOCH,
                                                    "ShardReceived",
                                                    JobPhase.RUNNING,
                                                    "a sentence")))
                    .isEqualTo(QueueOfferResult.enqueued());
        }
    }

    private static List<Long> numbers(CompletionStage<List<JobNews>> news) throws Exception {
        return news.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS).stream()
                .map(JobNews::number)
                .toList();
    }
}
