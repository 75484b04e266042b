package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.LoggingTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.testkit.PersistenceTestKitPlugin;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.ReasonCode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

class JobActorsTest {
    private static final Clock CLOCK = Clock.fixed(JournalExamples.AT, ZoneOffset.UTC);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ActorTestKit kit =
            ActorTestKit.create(
                    PersistenceTestKitPlugin.getInstance()
                            .config()
                            .withFallback(ConfigFactory.load()));
    private final TestProbe<Driver.Assignment> assignments = kit.createTestProbe();
    private final TestProbe<ActorRef<DriverMessage>> drivers = kit.createTestProbe();
    private final TestProbe<DriverMessage> answers = kit.createTestProbe();
    private final TestProbe<JobReply> replies = kit.createTestProbe();
    private final ActorRef<JobEntity.Command> entity =
            kit.spawn(
                    JobEntity.create(
                            "j1", new JobEntity.Surroundings(1, this::drive, CLOCK, phase -> {})));

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
        TestProbe<Directory.Listing> lists = kit.createTestProbe();
        second.tell(new Directory.ListAll(lists.getRef()));
        assertThat(lists.receiveMessage(PATIENCE).jobs()).hasSize(1);
        TestProbe<Directory.Found> views = kit.createTestProbe();
        second.tell(new Directory.View("none", views.getRef()));
        assertThat(views.receiveMessage(PATIENCE).job()).isEmpty();
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
                    entity.tell(new JobEntity.View(views.getRef()));
                    JobView view = views.receiveMessage(PATIENCE);
                    assertThat(view.phase()).isEqualTo(phase);
                    return view;
                });
    }

    private ActorRef<Directory.Command> directory(TestProbe<Directory.TermBegun> terms) {
        return kit.spawn(
                Directory.create(
                        new Directory.Settings(
                                new JobLimits(9, 9, 9), PATIENCE, PATIENCE, CLOCK, _ -> "fresh"),
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
