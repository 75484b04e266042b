package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import akka.NotUsed;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A journal of three events; what happens after them is a queue that the test fills. */
class NewsReaderTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ROOM = 100;

    /** Longer than the test. */
    private static final Duration MOMENT = Duration.ofHours(1);

    private final AtomicInteger readings = new AtomicInteger();
    private final TestProbe<Long> feeds = KIT.createTestProbe();
    private final Pair<BoundedSourceQueue<JobNews>, Source<JobNews, NotUsed>> later =
            Source.<JobNews>queue(ROOM).preMaterialize(KIT.system());

    private Source<JobNews, NotUsed> soFar(String job) {
        readings.incrementAndGet();
        return Source.from(List.of(news(1), news(2), news(3)));
    }

    private Source<JobNews, NotUsed> live(String job, long after) {
        feeds.getRef().tell(after);
        return later.second().filter(news -> news.number() > after);
    }

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void aNumberThatIsNotThereYetStandsForTheLastAndHarmsNobody() throws Exception {
        NewsReader reader = reader(this::soFar);
        CompletionStage<List<Long>> ahead = take(reader.after("job", 99_999), 2);
        assertThat(feeds.receiveMessage(PATIENCE)).as("where the feed begins").isEqualTo(3);
        CompletionStage<List<Long>> other = take(reader.after("job", 0), 4);
        happens(4);
        assertThat(get(other)).containsExactly(1L, 2L, 3L, 4L);

        happens(5);
        assertThat(get(ahead)).containsExactly(4L, 5L);
        assertThat(readings)
                .as("one for both, and one for who knows more than it told")
                .hasValue(2);
    }

    /** Also one who has seen of another node what was not there a moment ago. */
    @Test
    void whoComesInTheSameMomentReadsTogetherAndIsToldNothingTwice() throws Exception {
        List<JobNews> all = new CopyOnWriteArrayList<>(List.of(news(1)));
        NewsReader reader =
                reader(
                        _ -> {
                            readings.incrementAndGet();
                            return Source.from(List.copyOf(all));
                        });
        for (int i = 0; i < 3; i++) {
            assertThat(get(take(reader.after("job", 0), 1))).containsExactly(1L);
        }
        assertThat(readings).hasValue(1);
        all.addAll(List.of(news(2), news(3)));

        CompletionStage<List<Long>> resumed = take(reader.after("job", 2), 2);

        assertThat(feeds.receiveMessage(PATIENCE)).isEqualTo(3);
        happens(4);
        assertThat(get(resumed)).containsExactly(3L, 4L);
        assertThat(readings).hasValue(2);
    }

    /** More than are held for others. */
    @Test
    void aLongJournalIsReadByEachForHimself() throws Exception {
        int many = 20_001;
        Source<JobNews, NotUsed> all = Source.range(1, many).map(NewsReaderTest::news);
        NewsReader reader = reader(_ -> all);

        assertThat(get(take(reader.after("job", many - 2), 2))).containsExactly(20_000L, 20_001L);
    }

    @Test
    void aReadingThatFailsIsSaidToAllWhoShareIt() {
        NewsReader reader = reader(_ -> Source.failed(new IllegalStateException("away")));

        for (int i = 0; i < 2; i++) {
            assertThat(take(reader.after("job", 0), 1).toCompletableFuture())
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("away");
        }
    }

    @Test
    void whoIsBehindAgainAndAgainIsSentAway() {
        List<Long> told = new CopyOnWriteArrayList<>();
        CompletionStage<Done> end =
                reader(this::soFar, Behaviors.receiveMessage(NewsReaderTest::behind))
                        .after("job", 1)
                        .runForeach(one -> told.add(one.number()), KIT.system());

        assertThat(end.toCompletableFuture())
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("behind 6 times in a row");
        assertThat(told).as("once, however often they are read").containsExactly(2L, 3L);
        assertThat(readings).as("once, and five times again").hasValue(6);
    }

    private static Behavior<FeedHub.Command> behind(FeedHub.Command command) {
        if (command instanceof FeedHub.Join join) {
            join.replyTo().tell(FeedHub.Answer.BEHIND);
        }
        return Behaviors.same();
    }

    /** With a feed of what happens later. */
    private NewsReader reader(Function<String, Source<JobNews, NotUsed>> journal) {
        return reader(journal, FeedHub.create(new FeedHub.Setup(this::live, 5)));
    }

    private static NewsReader reader(
            Function<String, Source<JobNews, NotUsed>> journal, Behavior<FeedHub.Command> hub) {
        return new NewsReader(journal, MOMENT, KIT.spawn(hub), ROOM, KIT.system());
    }

    private void happens(long number) {
        assertThat(later.first().offer(news(number))).isEqualTo(QueueOfferResult.enqueued());
    }

    private static JobNews news(long number) {
        return new JobNews(number, Instant.EPOCH, "ShardReceived", JobPhase.RUNNING, "a sentence");
    }

    private static CompletionStage<List<Long>> take(Source<JobNews, NotUsed> source, int count) {
        return source.map(JobNews::number).take(count).runWith(Sink.seq(), KIT.system());
    }

    private static List<Long> get(CompletionStage<List<Long>> numbers) throws Exception {
        return numbers.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
