package io.accrete.worker.train;

import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.StageLoad;

import java.util.List;
import java.util.SortedMap;

/**
 * What a stage says after the passes of a step, before its weights move.
 *
 * @param losses of the micro-batches in order; empty from stages without the head
 * @param matched what states that are matched add to them, by site
 * @param squares sum of squares of the gradient of each parameter that the stage owns, by name
 * @param gates mean of each gate, by name
 * @param load how it spent the passes
 */
public record StageReport(
        List<MicroLoss> losses,
        SortedMap<Integer, List<MicroLoss>> matched,
        SortedMap<String, Double> squares,
        SortedMap<String, Double> gates,
        StageLoad load) {}
