package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.Bearings;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageCommand.InCourse;

import java.util.List;
import java.util.Optional;

/**
 * Whether a driver can go on with stages where another one has left them. That one gave a command
 * only when all groups had answered the one before: so some may know of a command that others do
 * not, but never of two. Who is told the last one again answers it again, or does it now; nobody
 * does anything twice.
 */
final class TakeOver {
    private TakeOver() {}

    /**
     * The command to go on with.
     *
     * @param kept what each of the groups was commanded last, empty where one has no state
     * @param turns how often the training was paused or rolled back, as journaled
     * @param from the newest checkpoint that is journaled
     * @return empty if the stages have to begin anew
     */
    static Optional<InCourse> command(
            List<Optional<InCourse>> kept, int turns, Optional<Checkpoint> from) {
        if (kept.isEmpty() || kept.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<InCourse> known = kept.stream().map(Optional::orElseThrow).toList();
        InCourse last = known.getFirst();
        for (InCourse one : known) {
            last = number(one) > number(last) ? one : last;
        }
        return agree(known, last) && isOf(last, turns, from.map(Checkpoint::folder))
                ? Optional.of(last)
                : Optional.empty();
    }

    private static long number(InCourse command) {
        return command.bearings().number();
    }

    /** Whether all know the last command, or the same one before it. */
    private static boolean agree(List<InCourse> known, InCourse last) {
        List<InCourse> before = known.stream().filter(one -> !one.equals(last)).distinct().toList();
        return before.size() <= 1
                && before.stream()
                        .allMatch(
                                one ->
                                        one.round() == last.round()
                                                && number(one) == number(last) - 1);
    }

    /** Whether the journal ends where that driver was, or with what it was about to journal. */
    private static boolean isOf(InCourse last, int turns, Optional<String> journaled) {
        Bearings then = last.bearings();
        boolean saves =
                last instanceof StageCommand.Settle
                        && journaled.isPresent()
                        && journaled.equals(then.unsettled().map(Bearings.Unsettled::folder));
        return then.turns() == turns
                && (journaled.equals(then.from())
                        || saves
                        || journaled.isPresent()
                                && journaled.equals(
                                        then.unjournaled().map(one -> one.checkpoint().folder())));
    }
}
