package io.accrete.worker.train;

import io.accrete.worker.nn.Use;
import io.accrete.worker.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the stages of one process pass to each other: states forward, gradients back, and what tied
 * parameters need. Who takes waits; who puts waits while an edge is full.
 */
public final class StageEdges {
    private final List<BlockingQueue<Tensor>> forward = new ArrayList<>();
    private final List<BlockingQueue<Tensor>> backward = new ArrayList<>();
    private final List<BlockingQueue<Tied>> tied = new ArrayList<>();

    /**
     * @param depth messages that an edge between two stages holds
     * @param uses of all parameters; no stage ever waits to give what a tied one needs
     */
    public StageEdges(int stages, int depth, int uses) {
        for (int i = 0; i < stages; i++) {
            forward.add(new ArrayBlockingQueue<>(depth));
            backward.add(new ArrayBlockingQueue<>(depth));
            tied.add(new LinkedBlockingQueue<>(uses));
        }
    }

    /** A gradient on its way to the owner of its parameter, or the new value on its way back. */
    record Tied(Use use, Tensor tensor) {}

    /** The edge into a stage from the one before it; into the first from the last. */
    BlockingQueue<Tensor> forwardInto(int stage) {
        return forward.get(Math.floorMod(stage, forward.size()));
    }

    /** The edge into a stage from the one after it; into the last from the first. */
    BlockingQueue<Tensor> backwardInto(int stage) {
        return backward.get(Math.floorMod(stage, backward.size()));
    }

    BlockingQueue<Tied> tiedInto(int stage) {
        return tied.get(stage);
    }
}
