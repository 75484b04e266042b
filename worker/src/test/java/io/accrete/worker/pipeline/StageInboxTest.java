package io.accrete.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;

import io.accrete.protocol.fixture.CourseBearings;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.TaskFailure;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class StageInboxTest {
    private static final Epoch FIRST = new Epoch(1, 1);
    private static final Epoch SECOND = new Epoch(2, 1);

    private final TestInbox<StageAnswer> driver = TestInbox.create("driver");
    private final TestInbox<StageAnswer> successor = TestInbox.create("successor");
    private final StageInbox inbox = new StageInbox();

    private static StageCommand.InCourse step(long round, int step) {
        return new StageCommand.Step(round, Optional.empty(), step, 0, CourseBearings.at(step));
    }

    private static StageCommand.InCourse begin(long round) {
        Seating seating = new Seating(round << 20, new LinkSecret("s"), List.of(0), List.of());
        return new StageCommand.Begin(
                round, 0, Optional.empty(), false, seating, CourseBearings.at(0));
    }

    private void take(Epoch through, StageCommand command) throws InterruptedException {
        inbox.put(through, command);
        assertThat(inbox.take()).isEqualTo(new StageInbox.Letter(through, command));
    }

    @Test
    void theLastCommandIsKeptWhetherItIsDoneOrNot() throws InterruptedException {
        assertThat(inbox.passTo(FIRST, driver.getRef())).isEmpty();
        take(FIRST, begin(0));
        assertThat(inbox.kept()).contains(begin(0));
        take(FIRST, step(0, 1));
        assertThat(inbox.kept()).contains(step(0, 1));
        inbox.answer(new StageAnswer.Scored(0, 0, 1, 0, 0, List.of()));
        assertThat(inbox.passTo(SECOND, successor.getRef())).contains(step(0, 1));
    }

    @Test
    void nobodyGoesOnWithStagesThatFailed() throws InterruptedException {
        inbox.passTo(FIRST, driver.getRef());
        for (StageAnswer failure :
                List.of(
                        new StageAnswer.EdgeBroken(0, 0, 1, "why", List.of()),
                        new StageAnswer.Unable(
                                0,
                                0,
                                TaskFailure.Kind.IO,
                                Problem.error("RES-202", null, "why", "")))) {
            take(FIRST, step(0, 1));
            inbox.answer(failure);
            assertThat(inbox.kept()).isEmpty();
            take(FIRST, step(0, 1));
            assertThat(inbox.kept()).isEmpty();
            take(FIRST, step(0, 2));
            assertThat(inbox.kept()).contains(step(0, 2));
        }
    }

    @Test
    void onlyTheNewestDriverIsHeardAndAnswered() throws InterruptedException {
        List<Long> beginnings = new ArrayList<>();
        inbox.onBeginning(beginnings::add);
        inbox.passTo(FIRST, driver.getRef());
        inbox.put(FIRST, step(0, 1));
        inbox.passTo(SECOND, successor.getRef());
        inbox.put(FIRST, begin(7));
        inbox.put(SECOND, step(0, 2));
        assertThat(inbox.take()).isEqualTo(new StageInbox.Letter(SECOND, step(0, 2)));
        StageAnswer answer = new StageAnswer.Scored(0, 0, 2, 0, 0, List.of());
        inbox.answer(answer);
        assertThat(successor.getAllReceived()).containsExactly(answer);
        assertThat(driver.hasMessages()).isFalse();
        assertThat(beginnings).isEmpty();
        inbox.put(SECOND, begin(1));
        assertThat(beginnings).containsExactly(1L << 20);
    }

    @Test
    void commandsOfLowerRoundsHaveNoEffect() throws InterruptedException {
        inbox.passTo(FIRST, driver.getRef());
        take(FIRST, step(3, 1));
        inbox.put(FIRST, step(2, 9));
        take(FIRST, begin(4));
        take(FIRST, new StageCommand.Export(4, new Checkpoint(1, "/s", List.of()), "/m"));
        assertThat(inbox.kept()).isEmpty();
    }
}
