package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.LoggingTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.javadsl.PersistenceTestKit;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.ReasonCode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

class JobActorsTest {
    private static final Clock CLOCK = Clock.fixed(JournalExamples.AT, ZoneOffset.UTC);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * The first actor of a job ends after three, and says so once; the next one gets over a last.
     */
    private static final int READS_IN_VAIN = 4;

    private final ActorTestKit kit =
            ActorTestKit.create(
                    PersistenceTestKitPlugin.getInstance()
                            .config()
                            .withFallback(ConfigFactory.load()));
    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final TestProbe<Driver.Assignment> assignments = kit.createTestProbe();
    private final TestProbe<ActorRef<DriverMessage>> drivers = kit.createTestProbe();
    private final TestProbe<DriverMessage> answers = kit.createTestProbe();
    private final TestProbe<JobReply> replies = kit.createTestProbe();
    private final ActorRef<JobEntity.Command> entity =
            kit.spawn(
                    JobEntity.create(
                            "j1",
                            new JobEntity.Surroundings(
                                    1,
                                    this::drive,
                                    CLOCK,
                                    JournalPatience.DEFAULT,
                                    new JobTallies(),
                                    view -> {},
                                    phase -> {})));

    @AfterEach
    void shutDown() {
        kit.shutdownTestKit();
    }

    @Test
    void eachTakeOverIsANewTermAndJobsOfTheOldAreGoneOnWith() {
        TestProbe<Directory.TermBegun> terms = kit.createTestProbe();
        ActorRef<Directory.Command> first = directory(terms);
        assertThat(terms.receiveMessage(PATIENCE).term()).isEqualTo(1);
        first.tell(
                new Directory.Submit(JournalExamples.spec(), "key", "somebody", replies.getRef()));
        replies.expectNoMessage(Duration.ofMillis(50));
        first.tell(new Directory.Open(1, this::drive));
        assertThat(replies.expectMessageClass(JobReply.Done.class).view().phase())
                .isEqualTo(JobPhase.QUEUED);
        assertThat(assignments.receiveMessage(PATIENCE).state().phase())
                .isEqualTo(JobPhase.PLANNING);
        kit.stop(first);

        ActorRef<Directory.Command> second = directory(terms);
        assertThat(terms.receiveMessage(PATIENCE).term()).isEqualTo(2);
        second.tell(new Directory.Open(1, this::drive));
        assignments.expectNoMessage(Duration.ofMillis(50));
        second.tell(new Directory.Open(2, this::drive));

        assertThat(assignments.receiveMessage(PATIENCE).state().id()).isEqualTo("fresh");
        assertThat(list(second, JobQuery.newest(9)).jobs()).hasSize(1);
        TestProbe<Directory.Found> views = kit.createTestProbe();
        second.tell(new Directory.View("none", views.getRef()));
        assertThat(views.receiveMessage(PATIENCE).job()).isEmpty();
    }

    @Test
    void aListIsPagedWhileJobsAreAdded() {
        ActorRef<Directory.Command> directory = openDirectory(1_000);
        for (int job = 0; job < 250; job++) {
            submit(directory, "/out/" + job);
        }
        Set<String> seen = new LinkedHashSet<>();
        Optional<String> cursor = Optional.empty();
        int pages = 0;
        do {
            ListReply.Page page =
                    list(directory, new JobQuery(Optional.empty(), Optional.empty(), 60, cursor));
            page.jobs().forEach(job -> assertThat(seen.add(job.id())).as(job.id()).isTrue());
            cursor = page.cursor();
            pages++;
            submit(directory, "/later/" + pages);
        } while (cursor.isPresent());

        assertThat(pages).isEqualTo(5);
        assertThat(seen).hasSize(250).startsWith("job-250").endsWith("job-1");
    }

    @Test
    void whatIsSeenOfAJobThatHasEndedNeedsNoActor() {
        ActorRef<Directory.Command> directory = openDirectory(9);
        String job = submit(directory, "/out");
        Driver.Assignment assignment = assignments.receiveMessage(PATIENCE);
        report(assignment, new JobCommand.Fail(ReasonCode.INTERNAL, "on purpose", List.of()));
        answers.expectMessageClass(DriverMessage.Recorded.class);
        JobQuery failed =
                new JobQuery(
                        Optional.of(JobPhase.FAILED),
                        Optional.of(JobKind.MERGE),
                        9,
                        Optional.empty());

        assertThat(list(directory, failed).jobs()).extracting(JobView::id).containsExactly(job);
        directory.tell(new Directory.Delete("none", replies.getRef()));
        replies.expectMessageClass(JobReply.Missing.class);
        directory.tell(new Directory.Delete(job, replies.getRef()));
        replies.expectMessageClass(JobReply.Deleted.class);
        assertThat(list(directory, failed).jobs()).isEmpty();
        TestProbe<Directory.Measured> figures = kit.createTestProbe();
        directory.tell(new Directory.Measure(figures.getRef()));
        JobFigures measured = figures.receiveMessage(PATIENCE).figures();
        assertThat(measured.jobs()).isEmpty();
        assertThat(measured.journal().counts().stream().mapToLong(count -> count).sum())
                .as("term, listed, submitted, planning, failed, closed, deleted")
                .isBetween(6L, 7L);
    }

    /** The journal of one is read in vain for a while, as where an event of it is damaged. */
    @Test
    void aJobWhoseJournalFailsLeavesTheOthersAlone() {
        ActorRef<Directory.Command> directory =
                openDirectory(
                        9, new JournalPatience(Duration.ofMillis(1), Duration.ofMillis(2), 2));
        String healthy = submit(directory, "/out/1");
        journal.failNextNReads(JobEntity.persistenceId("job-2").id(), READS_IN_VAIN);
        LoggingTestKit.error("job job-2: its journal fails")
                .expect(
                        kit.system(),
                        () -> {
                            directory.tell(
                                    new Directory.Submit(
                                            spec("/out/2"),
                                            "/out/2",
                                            "somebody",
                                            kit.<JobReply>createTestProbe().getRef()));
                            return null;
                        });

        assertThat(submit(directory, "/out/3")).isEqualTo("job-3");
        assertThat(view(directory, healthy).id()).isEqualTo(healthy);
        // Looked at again and again, at last it can be read; its submission is repeated.
        replies.awaitAssert(
                PATIENCE,
                () -> {
                    directory.tell(
                            new Directory.Submit(
                                    spec("/out/2"), "/out/2", "somebody", replies.getRef()));
                    return replies.expectMessageClass(JobReply.Done.class, Duration.ofMillis(100));
                });
        assertThat(view(directory, "job-2").id()).isEqualTo("job-2");
    }

    /** As a crash between the two entries of the journal leaves it. */
    @Test
    void whatWasListedButNeverAcceptedIsTakenOffTheList() {
        journal.persistForRecovery(
                "directory",
                List.of(
                        new DirectoryEvent.TermStarted(1, JournalExamples.AT),
                        new DirectoryEvent.JobListed(
                                "ghost",
                                "key",
                                "/out",
                                Optional.of("somebody"),
                                Optional.of(JobKind.MERGE),
                                JournalExamples.AT)));
        ActorRef<Directory.Command> directory = openDirectory(1);

        replies.awaitAssert(
                PATIENCE,
                () -> {
                    directory.tell(
                            new Directory.Submit(
                                    spec("/out"), "key", "somebody", replies.getRef()));
                    return replies.expectMessageClass(JobReply.Done.class, Duration.ofMillis(100));
                });
        assertThat(list(directory, JobQuery.newest(9)).jobs())
                .singleElement()
                .satisfies(job -> assertThat(job.id()).isNotEqualTo("ghost"));
    }

    /** Nothing that an actor had in mind when its journal failed may be left over. */
    @Test
    void afterAFailedWriteTheListIsWhatTheJournalHas() {
        TestProbe<Directory.TermBegun> terms = kit.createTestProbe();
        ActorRef<Directory.Command> directory =
                openDirectory(
                        new JobLimits(9, 9, 2),
                        new JournalPatience(Duration.ofMillis(1), Duration.ofMillis(2), 2),
                        terms);
        String first = submit(directory, "/out/1");
        journal.failNextPersisted("directory");
        directory.tell(
                new Directory.Submit(
                        spec("/lost"),
                        "/lost",
                        "somebody",
                        kit.<JobReply>createTestProbe().getRef()));
        assertThat(terms.receiveMessage(PATIENCE).term()).isEqualTo(2);
        directory.tell(new Directory.Open(2, this::drive));

        String second = submit(directory, "/out/2");
        assertThat(list(directory, JobQuery.newest(9)).jobs())
                .extracting(JobView::id)
                .containsExactly(second, first);
        assertThat(list(directory, JobQuery.newest(1)).cursor()).contains("2");
        assertThat(journal.persistedInStorage("directory"))
                .noneMatch(DirectoryEvent.JobDeleted.class::isInstance);
    }

    private ActorRef<Directory.Command> openDirectory(int jobsMax) {
        return openDirectory(jobsMax, JournalPatience.DEFAULT);
    }

    private ActorRef<Directory.Command> openDirectory(int jobsMax, JournalPatience patience) {
        return openDirectory(
                new JobLimits(jobsMax, jobsMax, jobsMax), patience, kit.createTestProbe());
    }

    private ActorRef<Directory.Command> openDirectory(
            JobLimits limits, JournalPatience patience, TestProbe<Directory.TermBegun> terms) {
        AtomicInteger count = new AtomicInteger();
        ActorRef<Directory.Command> directory =
                kit.spawn(
                        Directory.create(
                                new DirectorySettings(
                                        limits,
                                        PATIENCE,
                                        PATIENCE,
                                        CLOCK,
                                        patience,
                                        _ -> "job-" + count.incrementAndGet()),
                                terms.getRef()));
        directory.tell(new Directory.Open(terms.receiveMessage(PATIENCE).term(), this::drive));
        return directory;
    }

    private static JobSpec spec(String output) {
        JobSpec like = JournalExamples.spec();
        return JobSpec.merge(like.recipeFile(), like.recipe(), output, like.options());
    }

    @Test
    void anotherKeyForTheSameGivesTheSameJobAlsoOnceItHasEnded() {
        ActorRef<Directory.Command> directory = openDirectory(9);
        String job = submit(directory, "/out");
        Driver.Assignment assignment = assignments.receiveMessage(PATIENCE);
        assertThat(submit(directory, "/out", "other key")).isEqualTo(job);
        report(assignment, new JobCommand.Fail(ReasonCode.INTERNAL, "on purpose", List.of()));
        answers.expectMessageClass(DriverMessage.Recorded.class);

        assertThat(submit(directory, "/out", "other key")).isEqualTo(job);
        replies.awaitAssert(
                PATIENCE,
                () -> {
                    assertThat(submit(directory, "/out", "third key")).isNotEqualTo(job);
                    return null;
                });
    }

    private JobView view(ActorRef<Directory.Command> directory, String job) {
        TestProbe<Directory.Found> views = kit.createTestProbe();
        directory.tell(new Directory.View(job, views.getRef()));
        return views.receiveMessage(PATIENCE).job().orElseThrow();
    }

    private String submit(ActorRef<Directory.Command> directory, String output) {
        return submit(directory, output, output);
    }

    private String submit(ActorRef<Directory.Command> directory, String output, String key) {
        directory.tell(new Directory.Submit(spec(output), key, "somebody", replies.getRef()));
        return replies.expectMessageClass(JobReply.Done.class).view().id();
    }

    @Test
    void aDriverThatFailsCostsNothingButAPause() {
        Driver.Assignment planning = submit();
        report(planning, JournalExamples.acceptPlan());
        answers.expectMessageClass(DriverMessage.Recorded.class);
        LoggingTestKit.error("as a bug would")
                .expect(
                        kit.system(),
                        () -> {
                            lastDriver().tell(new DriverMessage.Cancel());
                            return null;
                        });

        JobView view = viewOnce(JobPhase.PAUSED);

        assertThat(view.reasonCode()).isEqualTo(ReasonCode.INTERNAL.name());
        assertThat(view.reason()).contains("the driver of the job failed");
    }

    @Test
    void aDriverThatWasReplacedIsNotListenedTo() {
        Driver.Assignment planning = submit();
        report(planning, JournalExamples.acceptPlan());
        answers.expectMessageClass(DriverMessage.Recorded.class);
        request(new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "paused"));
        request(new JobCommand.Resume(1));
        Driver.Assignment recovering = assignments.receiveMessage(PATIENCE);
        assertThat(recovering.state().phase()).isEqualTo(JobPhase.RECOVERING);

        report(planning, new JobCommand.TakeStock(List.of(), 0, "of the old"));
        assertThat(answers.expectMessageClass(DriverMessage.Refused.class).sentence())
                .contains("another driver took over");
        report(recovering, new JobCommand.TakeStock(List.of(), 0, "of the new"));
        assertThat(answers.expectMessageClass(DriverMessage.Recorded.class).state().reason())
                .isEqualTo("of the new");
    }

    private ListReply.Page list(ActorRef<Directory.Command> directory, JobQuery query) {
        TestProbe<ListReply> lists = kit.createTestProbe();
        directory.tell(new Directory.ListJobs(query, lists.getRef()));
        return (ListReply.Page) lists.receiveMessage(PATIENCE);
    }

    private ActorRef<DriverMessage> lastDriver() {
        return drivers.receiveMessage(PATIENCE);
    }

    private Driver.Assignment submit() {
        request(new JobCommand.Submit("j1", JournalExamples.spec()));
        return assignments.receiveMessage(PATIENCE);
    }

    private void request(JobCommand command) {
        entity.tell(new JobEntity.Request(command, replies.getRef()));
        replies.expectMessageClass(JobReply.Done.class);
    }

    private void report(Driver.Assignment assignment, JobCommand command) {
        assignment
                .job()
                .tell(new Driver.Report(assignment.generation(), command, answers.getRef()));
    }

    private JobView viewOnce(JobPhase phase) {
        TestProbe<JobView> views = kit.createTestProbe();
        return views.awaitAssert(
                PATIENCE,
                () -> {
                    entity.tell(new JobEntity.View(views.getRef(), () -> {}));
                    JobView view = views.receiveMessage(PATIENCE);
                    assertThat(view.phase()).isEqualTo(phase);
                    return view;
                });
    }

    private ActorRef<Directory.Command> directory(TestProbe<Directory.TermBegun> terms) {
        return kit.spawn(
                Directory.create(
                        new DirectorySettings(
                                new JobLimits(9, 9, 9),
                                PATIENCE,
                                PATIENCE,
                                CLOCK,
                                JournalPatience.DEFAULT,
                                _ -> "fresh"),
                        terms.getRef()));
    }

    /** Tells the test what it is to do, answers for views, and breaks when it is to cancel. */
    private Behavior<DriverMessage> drive(Driver.Assignment assignment) {
        assignments.getRef().tell(assignment);
        return Behaviors.setup(
                context -> {
                    drivers.getRef().tell(context.getSelf());
                    return driving();
                });
    }

    private static Behavior<DriverMessage> driving() {
        return Behaviors.receiveMessage(
                message ->
                        switch (message) {
                            case DriverMessage.Describe(var view, var replyTo) -> {
                                replyTo.tell(view);
                                yield Behaviors.same();
                            }
                            case DriverMessage.Halt halt -> Behaviors.stopped();
                            case DriverMessage.Cancel cancel ->
                                    throw new IllegalStateException("as a bug would");
                            case DriverMessage.Recorded recorded -> Behaviors.same();
                            case DriverMessage.Refused refused -> Behaviors.same();
                        });
    }
}
