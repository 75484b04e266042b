package io.accrete.worker.tensor;

/**
 * The rotary position embedding, in single precision whatever the model computes in: that is part
 * of the model's definition.
 *
 * @param inverseFrequencies [head size / 2]
 * @param cos [positions, head size]
 * @param sin [positions, head size]
 */
public record RopeTables(Tensor inverseFrequencies, Tensor cos, Tensor sin)
        implements AutoCloseable {
    @Override
    public void close() {
        inverseFrequencies.close();
        cos.close();
        sin.close();
    }
}
