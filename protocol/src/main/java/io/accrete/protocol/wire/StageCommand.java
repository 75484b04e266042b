package io.accrete.protocol.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import io.accrete.protocol.train.Bearings;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.StepVerdict;

import java.util.Optional;

/**
 * From the driver of a training to a host of stages. Each names the round that it belongs to: a
 * higher one begins with {@link Begin} and ends whatever the round before still does.
 */
public sealed interface StageCommand extends Wire {
    /** Counts how often the stages began anew; lower ones have no effect any more. */
    long round();

    /** What is commanded to all groups of stages alike. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Begin.class, name = "begin"),
        @JsonSubTypes.Type(value = Step.class, name = "step"),
        @JsonSubTypes.Type(value = Score.class, name = "score"),
        @JsonSubTypes.Type(value = Save.class, name = "save"),
        @JsonSubTypes.Type(value = Settle.class, name = "settle")
    })
    sealed interface InCourse extends StageCommand {
        /** With which another driver can go on from the command; stages only keep it. */
        Bearings bearings();
    }

    /**
     * All stages read their state.
     *
     * @param phase of the training, from 0
     * @param resume empty at the first step
     * @param inherits whether that state is the end of the phase before
     * @param seating who holds which stage
     */
    record Begin(
            long round,
            int phase,
            Optional<Checkpoint> resume,
            boolean inherits,
            Seating seating,
            Bearings bearings)
            implements InCourse {}

    /**
     * All passes of a step.
     *
     * @param verdict on the step before, if that is still open: what is done with its gradients
     * @param firstRow how many rows steps have seen before
     */
    record Step(
            long round, Optional<StepVerdict> verdict, int step, long firstRow, Bearings bearings)
            implements InCourse {}

    /**
     * The loss on the texts that are held back.
     *
     * @param verdict as in {@link Step}
     */
    record Score(long round, Optional<StepVerdict> verdict, int step, Bearings bearings)
            implements InCourse {}

    /**
     * Each stage writes what it owns; it gets to the disk while the steps go on, see {@link
     * Settle}.
     *
     * @param verdict as in {@link Step}
     * @param folder absolute, empty
     */
    record Save(
            long round, Optional<StepVerdict> verdict, int step, String folder, Bearings bearings)
            implements InCourse {}

    /**
     * What was saved last is waited for until it is on the disk.
     *
     * @param verdict as in {@link Step}
     * @param step after which it was saved
     */
    record Settle(long round, Optional<StepVerdict> verdict, int step, Bearings bearings)
            implements InCourse {}

    /**
     * The weights of the result are written; needs no {@link Begin}.
     *
     * @param from a state of the last phase
     * @param folder absolute, empty
     */
    record Export(long round, Checkpoint from, String folder) implements StageCommand {}
}
