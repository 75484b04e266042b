package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.drive.Publication;
import io.accrete.coordinator.job.JobReply;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.train.PlannedTraining;

import java.time.Duration;
import java.util.Optional;

/**
 * Completes the folder in which the weights of the result stand, and makes it visible. A base that
 * is trained by a job of its own, so that the result may be judged by it, is waited for; not one
 * that waits for a person. That job comes now, where only now it is known how many steps it has.
 */
final class ResultPhase {
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private ResultPhase() {}

    static Behavior<DriverInput> begin(
            Desk desk,
            PlannedTraining planned,
            TrainingState training,
            CourseEffect.Complete result,
            Optional<Double> tokensPerSecond,
            TrainSetting setting) {
        DriverInput.Continuation go =
                () -> complete(desk, planned, training, result, tokensPerSecond, setting.program());
        JobSpec own = desk.job().spec();
        Optional<JobSpec> before = BaselineSpec.beforehand(own);
        Optional<JobSpec> after = BaselineSpec.afterwards(own, training.done().step());
        if (before.isPresent()) {
            await(desk, setting, before.get().output(), go);
        } else if (after.isPresent()) {
            submit(desk, setting, after.get(), go);
        } else {
            return go.go();
        }
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** Of a growth whose rounds may have ended early, now that its steps are known. */
    private static void submit(
            Desk desk, TrainSetting setting, JobSpec base, DriverInput.Continuation go) {
        desk.answered(
                setting.others().submitBeside(desk.job().id(), base),
                reply ->
                        switch (reply) {
                            case JobReply.Done(JobView view) -> {
                                desk.note("its base is trained by job " + view.id());
                                await(desk, setting, base.output(), go);
                                yield Behaviors.same();
                            }
                            // It may be at work by the text of before this was cut anew.
                            case JobReply.Refused(String sentence) -> {
                                desk.note("no new job trains its base: " + sentence);
                                await(desk, setting, base.output(), go);
                                yield Behaviors.same();
                            }
                            case JobReply.Missing _, JobReply.Deleted _ -> go.go();
                        },
                unanswered -> {
                    desk.note("that its base is trained is asked again: " + unanswered);
                    desk.after(
                            AGAIN,
                            () -> {
                                submit(desk, setting, base, go);
                                return Behaviors.same();
                            });
                    return Behaviors.same();
                });
    }

    private static void await(
            Desk desk, TrainSetting setting, String base, DriverInput.Continuation go) {
        DriverInput.Continuation again =
                () -> {
                    await(desk, setting, base, go);
                    return Behaviors.same();
                };
        desk.answered(
                setting.others().atWork(base),
                atWork -> {
                    if (!atWork) {
                        return go.go();
                    }
                    desk.after(AGAIN, again);
                    return Behaviors.same();
                },
                unanswered -> {
                    desk.note("whether its base is trained is asked again: " + unanswered);
                    desk.after(AGAIN, again);
                    return Behaviors.same();
                });
    }

    private static Behavior<DriverInput> complete(
            Desk desk,
            PlannedTraining planned,
            TrainingState training,
            CourseEffect.Complete result,
            Optional<Double> tokensPerSecond,
            String program) {
        ModelPublisher publisher = publisher(desk, training);
        desk.later(
                () -> {
                    PublishedTraining folder =
                            new PublishedTraining(
                                    desk.staging(), planned, result, training, program);
                    publisher.prepare(folder.contents());
                    return publisher;
                },
                _ ->
                        Publication.begin(
                                desk, publisher, () -> summary(desk, training, tokensPerSecond)),
                failure -> desk.pauseFor(failure, "completing the result", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** A job that was being published when its coordinator ended. */
    static Behavior<DriverInput> goOn(Desk desk) {
        TrainingState training = desk.job().training().orElseThrow();
        return Publication.goOn(
                desk, publisher(desk, training), () -> summary(desk, training, Optional.empty()));
    }

    private static ModelPublisher publisher(Desk desk, TrainingState training) {
        return new ModelPublisher(
                desk.staging(),
                desk.allowed(),
                training.plan().digest(),
                desk.job().spec().options().overwrite());
    }

    private static JobSummary summary(
            Desk desk, TrainingState training, Optional<Double> tokensPerSecond) {
        return PublishedTraining.summary(
                desk.staging().output().toString(),
                training.done(),
                tokensPerSecond,
                training.recoveries(),
                training.plan().digest(),
                training.publishedStep());
    }
}
