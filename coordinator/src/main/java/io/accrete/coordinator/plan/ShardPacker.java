package io.accrete.coordinator.plan;

import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts output tensors into shards, down to the byte. */
final class ShardPacker {
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private ShardPacker() {}

    /**
     * @param shards what is to be written
     * @param weightMap tensor to file, in the order of mergekit's index
     */
    record Packing(List<ShardTask> shards, Map<String, String> weightMap) {
        long bytes() {
            return shards.stream().mapToLong(ShardTask::bytes).sum();
        }
    }

    static Packing pack(
            List<PlannedTensor> tensors, Layout layout, long limitBytes, int blockBytes) {
        List<ShardDraft> drafts = draft(tensors, layout, limitBytes, blockBytes);
        List<ShardTask> shards = new ArrayList<>();
        Map<String, String> weightMap = new LinkedHashMap<>();
        for (ShardDraft draft : drafts) {
            int index = shards.size();
            String file = fileName(index, drafts.size());
            draft.tensors().forEach(t -> weightMap.put(t.output().name(), file));
            shards.add(place(index, file, draft, blockBytes));
        }
        return new Packing(List.copyOf(shards), weightMap);
    }

    /** Which tensors share a shard, without their places in it. */
    static List<ShardDraft> draft(
            List<PlannedTensor> tensors, Layout layout, long limitBytes, int blockBytes) {
        return switch (layout) {
            case MERGEKIT -> MergekitLayout.draft(tensors, limitBytes);
            case SHARED -> SharedLayout.draft(tensors, limitBytes, blockBytes);
        };
    }

    private static String fileName(int index, int count) {
        return count == 1
                ? "model.safetensors"
                : "model-%05d-of-%05d.safetensors".formatted(index + 1, count);
    }

    private static ShardTask place(int index, String file, ShardDraft draft, int blockBytes) {
        List<PlannedTensor> tensors = new ArrayList<>(draft.tensors());
        if (draft.phase().isEmpty()) {
            tensors.sort(Comparator.comparing(PlannedTensor::output, ShardHeader.ORDER));
        }
        List<TensorSpec> specs = tensors.stream().map(PlannedTensor::output).toList();
        long headerBytes = ShardHeader.encode(specs, METADATA, 0).length;
        if (draft.phase().isPresent()) {
            headerBytes += Math.floorMod(draft.phase().getAsInt() - headerBytes, blockBytes);
        }
        List<TensorTask> tasks = new ArrayList<>();
        long offset = 0;
        for (PlannedTensor tensor : tensors) {
            tasks.add(new TensorTask(tensor.output(), offset, tensor.op()));
            offset += tensor.bytes();
        }
        return new ShardTask(index, file, headerBytes, headerBytes + offset, tasks);
    }
}
