package io.accrete.worker.train;

/**
 * Rows that go through the pipeline together.
 *
 * @param ids of all rows, one after the other
 * @param targets as many; -100 where nothing is to be predicted
 */
public record MicroBatch(int rows, int positions, long[] ids, long[] targets, int scored) {}
