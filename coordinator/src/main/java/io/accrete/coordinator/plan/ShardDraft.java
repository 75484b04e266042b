package io.accrete.coordinator.plan;

import java.util.List;
import java.util.OptionalInt;

/**
 * A shard without a name.
 *
 * @param tensors in the order in which they are written into the index
 * @param phase where the data section has to begin, modulo the block size; if absent the tensors
 *     are laid out by type and name, as the reference implementation does it
 */
record ShardDraft(List<PlannedTensor> tensors, OptionalInt phase) {
    ShardDraft {
        tensors = List.copyOf(tensors);
    }

    static ShardDraft sorted(List<PlannedTensor> tensors) {
        return new ShardDraft(tensors, OptionalInt.empty());
    }

    static ShardDraft from(int phase, List<PlannedTensor> tensors) {
        return new ShardDraft(tensors, OptionalInt.of(phase));
    }

    long bytes() {
        return tensors.stream().mapToLong(PlannedTensor::bytes).sum();
    }
}
