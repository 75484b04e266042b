package io.accrete.worker.nn;

import io.accrete.worker.tensor.Tensor;

/** Where the weights of a model come from, by their global names. */
public interface WeightSource {
    /**
     * The values as they are stored, in whatever type; never to be written to.
     *
     * @throws io.accrete.worker.tensor.TensorException if they cannot be had
     */
    Tensor tensor(String name);
}
