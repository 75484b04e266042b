package io.accrete.worker.train;

import java.util.List;
import java.util.SortedMap;

/**
 * What a stage says after the passes of a step, before its weights move.
 *
 * @param nllSums of the micro-batches in order, in nats; empty from stages without the head
 * @param squares sum of squares of the gradient of each parameter that the stage owns, by name
 */
public record StageReport(List<Double> nllSums, SortedMap<String, Double> squares) {}
