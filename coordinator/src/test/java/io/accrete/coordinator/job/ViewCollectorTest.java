package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.job.ViewCollector.Wanted;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobView;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class ViewCollectorTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(200);

    private final ActorRef<JobEntity.Command> silent = KIT.spawn(Behaviors.ignore());
    private final TestProbe<ListReply> pages = KIT.createTestProbe();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    private static JobView view(String job) {
        return JobState.of(new JobEvent.Submitted(job, JournalExamples.spec(), JournalExamples.AT))
                .view();
    }

    private static Wanted settled(String job, long number) {
        return new Wanted(job, number, Optional.of(view(job)), Optional.empty());
    }

    private ListReply.Page page(int most, Wanted... wanted) {
        KIT.spawn(ViewCollector.page(JobQuery.newest(most), List.of(wanted), SOON, pages.getRef()));
        return (ListReply.Page) pages.receiveMessage(PATIENCE);
    }

    @Test
    void whoIsLateIsNamedWhetherHeWasSeenBeforeOrNot() {
        ListReply.Page page =
                page(
                        9,
                        settled("job-3", 3),
                        new Wanted("job-2", 2, Optional.of(view("job-2")), Optional.of(silent)),
                        new Wanted("job-1", 1, Optional.empty(), Optional.of(silent)));

        assertThat(page.jobs()).extracting(JobView::id).containsExactly("job-3", "job-2");
        assertThat(page.late()).containsExactly("job-2", "job-1");
    }

    @Test
    void nobodyOfALaterPageIsLate() {
        ListReply.Page page =
                page(
                        1,
                        settled("job-3", 3),
                        new Wanted("job-2", 2, Optional.empty(), Optional.of(silent)));

        assertThat(page.cursor()).contains("3");
        assertThat(page.late()).isEmpty();
    }
}
