package io.accrete.protocol.job;

import io.accrete.protocol.train.TrainState;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * How far a training is.
 *
 * @param step the last one that is done
 * @param saved the last one that will not be done again, whatever happens
 * @param loss of that step; null before the first
 * @param stages into which the layers are cut
 * @param recoveries how often it went on from a checkpoint, or under another coordinator
 * @param checkpoints steps after which there is one, ascending
 * @param notes the latest things that a person may want to know, as sentences
 */
public record TrainProgress(
        int step,
        int steps,
        int saved,
        long tokens,
        @Nullable Double loss,
        @Nullable Double tokensPerSecond,
        int stages,
        int recoveries,
        List<Integer> checkpoints,
        List<String> notes) {
    public TrainProgress {
        notes = List.copyOf(notes);
        checkpoints = List.copyOf(checkpoints);
    }

    /** The same after more steps. */
    public TrainProgress at(TrainState now, Optional<Double> speed, List<String> said) {
        return new TrainProgress(
                now.step(),
                steps,
                saved,
                now.tokens(),
                Double.isFinite(now.loss()) ? now.loss() : null,
                speed.orElse(null),
                stages,
                recoveries,
                checkpoints,
                said);
    }
}
