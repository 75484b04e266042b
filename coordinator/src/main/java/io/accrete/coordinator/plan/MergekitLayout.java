package io.accrete.coordinator.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** mergekit's shards: tensors by the name of their source, closed where the next is too much. */
final class MergekitLayout {
    private MergekitLayout() {}

    /**
     * @param limitBytes of the tensors of a shard; 0 for none
     */
    static List<ShardDraft> draft(List<PlannedTensor> tensors, long limitBytes) {
        List<ShardDraft> shards = new ArrayList<>();
        List<PlannedTensor> open = new ArrayList<>();
        long openBytes = 0;
        for (PlannedTensor tensor : inOrder(tensors)) {
            if (!open.isEmpty() && limitBytes > 0 && openBytes + tensor.bytes() > limitBytes) {
                shards.add(ShardDraft.sorted(open));
                open = new ArrayList<>();
                openBytes = 0;
            }
            open.add(tensor);
            openBytes += tensor.bytes();
        }
        if (!open.isEmpty()) {
            shards.add(ShardDraft.sorted(open));
        }
        return shards;
    }

    /** By source name as text; copies of one tensor stay in the order of their layers. */
    static List<PlannedTensor> inOrder(List<PlannedTensor> tensors) {
        return tensors.stream().sorted(Comparator.comparing(PlannedTensor::order)).toList();
    }
}
