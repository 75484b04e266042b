package io.accrete.protocol.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The bytes that a stage needs, by kind.
 *
 * @param weights frozen tensors, mapped as they lie on disk
 * @param masters float32 values of what learns, and copies of tied parameters
 * @param gradients in float32
 * @param moments the two of AdamW, in float32
 * @param activations what is kept of all passes in flight
 * @param working the most that one call takes beside these
 * @param edges buffers of what comes from other stages and goes to them, as if each were in another
 *     process; where stages are on GPUs in the memory of the host
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StageMemory(
        long weights,
        long masters,
        long gradients,
        long moments,
        long activations,
        long working,
        long edges) {
    public static final StageMemory NONE = new StageMemory(0, 0, 0, 0, 0, 0, 0);

    public long total() {
        return weights + masters + gradients + moments + activations + working + edges;
    }

    /** Both together; of working memory and edges, which they share, the larger one. */
    public StageMemory plus(StageMemory other) {
        return new StageMemory(
                weights + other.weights,
                masters + other.masters,
                gradients + other.gradients,
                moments + other.moments,
                activations + other.activations,
                Math.max(working, other.working),
                Math.max(edges, other.edges));
    }
}
