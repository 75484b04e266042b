package io.accrete.protocol.train;

import java.util.Optional;

/**
 * All that the driver of a training knows when it gives a command to the stages: with it, and with
 * what they answer, another driver does what this one would have done.
 *
 * @param number of the command since the stages began, from 1
 * @param turns how often the training was paused or rolled back before
 * @param state before the command
 * @param from folder of the newest checkpoint that was known to be journaled
 * @param unsettled a checkpoint that is written and may not be on the disk yet
 * @param unjournaled a checkpoint that is on the disk and was not known to be journaled
 * @param metrics the file of metrics before the command
 */
public record Bearings(
        long number,
        int turns,
        TrainState state,
        Optional<String> from,
        Optional<Unsettled> unsettled,
        Optional<Unjournaled> unjournaled,
        MetricsMark metrics) {

    /**
     * A checkpoint that the disk may not have.
     *
     * @param step after which it was written
     * @param state after that step
     */
    public record Unsettled(int step, String folder, TrainState state) {}

    /**
     * A checkpoint that the journal may not have.
     *
     * @param state after its step
     */
    public record Unjournaled(Checkpoint checkpoint, TrainState state) {}
}
