package io.accrete.protocol.train;

/**
 * One thing that a stage does in a step. A stage does its actions one after the other:
 *
 * <ul>
 *   <li>{@code FORWARD}: takes the next message of the edge from the stage before (ids, at the
 *       first slice of the model), computes, and puts the result into the edge to the stage after;
 *       at the last slice of the model that result is the loss, which stays;
 *   <li>{@code BACKWARD}: takes the next message of the gradient edge from the stage after
 *       (nothing, at the last slice of the model), adds to the gradients of its parameters, and
 *       puts the gradient of its input into the edge to the stage before.
 * </ul>
 *
 * <p>Messages of an edge are taken in the order in which they were put, and each of the two may
 * wait. Slice v of stage s is part {@code v * stages + s} of the model; the edge from the last
 * stage to the first one is used where stages have several slices.
 *
 * @param microBatch counts from 0; for each slice backward passes come in ascending order
 * @param slice counts from 0, on this stage
 */
public record StageAction(Pass pass, int microBatch, int slice) {

    /** The direction in which a micro-batch goes through the model. */
    public enum Pass {
        FORWARD,
        BACKWARD
    }
}
