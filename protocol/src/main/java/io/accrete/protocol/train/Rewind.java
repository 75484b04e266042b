package io.accrete.protocol.train;

import java.util.Optional;

/**
 * That a training goes back to an earlier step since a later one stood out, and on from there in
 * another way. It is journaled; the state of that step is reached from any checkpoint before it.
 *
 * @param to the step whose state is gone on from
 * @param from the step that stood out
 * @param rows that count as seen from then on; empty where they come again
 * @param rateFactor of the learning rate from then on
 * @param taken actions against the trouble so far, this one included
 * @param reason as a sentence
 */
public record Rewind(
        int to, int from, Optional<Long> rows, double rateFactor, int taken, String reason) {}
