package io.accrete.worker.train;

import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;

/** One direction between two stages: tensors come out in the order in which they went in. */
interface TensorEdge {
    /**
     * Waits while the edge is full.
     *
     * @param tensor of type F32, which nobody changes any more; the edge's from now on
     * @throws IOException if the edge broke
     */
    void put(Tensor tensor) throws IOException, InterruptedException;

    /**
     * Waits for the next tensor.
     *
     * @param scope in which it lives
     * @throws IOException if the edge broke
     */
    Tensor take(TensorScope scope) throws IOException, InterruptedException;
}
