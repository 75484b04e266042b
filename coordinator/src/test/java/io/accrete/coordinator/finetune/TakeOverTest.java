package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.train.Bearings;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageCommand.InCourse;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class TakeOverTest {
    private static final Optional<Checkpoint> FROM = Optional.of(at("old"));

    private static Checkpoint at(String folder) {
        return new Checkpoint(4, folder, List.of());
    }

    private static Bearings bearings(long number, Optional<Bearings.Unjournaled> unjournaled) {
        return new Bearings(
                number,
                1,
                TrainState.START,
                Optional.of("old"),
                Optional.of(new Bearings.Unsettled(4, "newer", TrainState.START)),
                unjournaled,
                MetricsMark.from(0));
    }

    private static InCourse step(long round, long number) {
        Bearings bearings = bearings(number, Optional.empty());
        return new StageCommand.Step(round, Optional.empty(), (int) number, 0, bearings);
    }

    private static Optional<InCourse> of(int turns, Optional<Checkpoint> from, InCourse... kept) {
        return TakeOver.command(Stream.of(kept).map(Optional::of).toList(), turns, from);
    }

    @Test
    void theLastCommandThatAnybodyKnowsIsGoneOnWith() {
        assertThat(of(1, FROM, step(2, 7), step(2, 7))).contains(step(2, 7));
        assertThat(of(1, FROM, step(2, 7), step(2, 8), step(2, 7))).contains(step(2, 8));
    }

    @Test
    void whoDoesNotKnowTheCommandBeforeItIsNotTheirs() {
        assertThat(of(1, FROM, step(2, 6), step(2, 8))).isEmpty();
        assertThat(of(1, FROM, step(2, 7), step(2, 8), step(2, 6))).isEmpty();
        assertThat(of(1, FROM, step(1, 7), step(2, 8))).isEmpty();
        assertThat(of(1, FROM, step(1, 7), step(2, 7))).isEmpty();
    }

    @Test
    void allGroupsNeedAState() {
        assertThat(TakeOver.command(List.of(), 1, FROM)).isEmpty();
        assertThat(TakeOver.command(List.of(Optional.of(step(2, 7)), Optional.empty()), 1, FROM))
                .isEmpty();
    }

    @Test
    void aTrainingThatWasPausedOrRolledBackSinceIsAnother() {
        assertThat(of(2, FROM, step(2, 7))).isEmpty();
    }

    @Test
    void theJournalEndsWhereTheDriverWasOrWithWhatItSaved() {
        Bearings.Unjournaled unjournaled = new Bearings.Unjournaled(at("newer"), TrainState.START);
        InCourse next =
                new StageCommand.Step(
                        2, Optional.empty(), 5, 0, bearings(7, Optional.of(unjournaled)));
        InCourse settle =
                new StageCommand.Settle(2, Optional.empty(), 4, bearings(7, Optional.empty()));
        for (InCourse last : List.of(next, settle)) {
            assertThat(of(1, FROM, last)).contains(last);
            assertThat(of(1, Optional.of(at("newer")), last)).contains(last);
            assertThat(of(1, Optional.of(at("other")), last)).isEmpty();
            assertThat(of(1, Optional.empty(), last)).isEmpty();
        }
        assertThat(of(1, Optional.of(at("newer")), step(2, 7))).isEmpty();
    }
}
