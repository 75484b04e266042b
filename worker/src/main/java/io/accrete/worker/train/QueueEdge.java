package io.accrete.worker.train;

import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** An edge within this process: the values stay where they are. */
final class QueueEdge implements TensorEdge {
    private final BlockingQueue<Tensor> tensors;

    /**
     * @param depth messages that it holds
     */
    QueueEdge(int depth) {
        this.tensors = new ArrayBlockingQueue<>(depth);
    }

    @Override
    public void put(Tensor tensor) throws InterruptedException {
        tensors.put(tensor);
    }

    @Override
    public Tensor take(TensorScope scope) throws InterruptedException {
        return scope.keep(tensors.take());
    }
}
