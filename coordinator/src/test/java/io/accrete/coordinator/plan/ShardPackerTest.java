package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;

import java.util.List;

class ShardPackerTest {
    private static final int BLOCK = 4096;

    @Test
    void tensorsAreSpreadByTheNameOfTheirSourceAsText() {
        Packing packing =
                pack(
                        200,
                        PackedTensors.copy("layers.2.w", 100, 0),
                        PackedTensors.copy("layers.3.w", "layers.1.w", 100, 100),
                        PackedTensors.copy("layers.10.w", 100, 200),
                        PackedTensors.copy("layers.1.w", 100, 300));

        assertThat(packing.weightMap().keySet())
                .containsExactly("layers.3.w", "layers.1.w", "layers.10.w", "layers.2.w");
        assertThat(packing.weightMap().get("layers.10.w"))
                .isEqualTo("model-00002-of-00002.safetensors");
    }

    @Test
    void aShardEndsWhereTheNextTensorWouldExceedTheLimit() {
        Packing packing =
                pack(
                        250,
                        PackedTensors.copy("a", 100, 0),
                        PackedTensors.copy("b", 150, 0),
                        PackedTensors.copy("c", 1, 0),
                        PackedTensors.copy("d", 1000, 0));

        assertThat(packing.shards().stream().map(shard -> shard.tensors().size()))
                .containsExactly(2, 1, 1);
    }

    @Test
    void withoutALimitThereIsOneFile() {
        Packing packing =
                pack(0, PackedTensors.copy("a", 100, 0), PackedTensors.copy("b", 1 << 20, 0));

        assertThat(packing.shards())
                .extracting(ShardTask::file)
                .containsExactly("model.safetensors");
    }

    @Test
    void insideAShardWideTypesComeFirstAndOffsetsHaveNoGaps() {
        Packing packing =
                pack(
                        0,
                        PackedTensors.computed("a", DType.BF16, 3),
                        PackedTensors.computed("b", DType.F32, 2),
                        PackedTensors.computed("c", DType.F64, 1),
                        PackedTensors.computed("d", DType.F32, 1));

        ShardTask shard = packing.shards().getFirst();
        assertThat(shard.tensors().stream().map(t -> t.output().name() + "@" + t.offset()))
                .containsExactly("c@0", "b@8", "d@16", "a@20");
        assertThat(shard.bytes() - shard.headerBytes()).isEqualTo(26);
        assertThat(shard.headerBytes() % 8).isZero();
        assertThat(packing.weightMap().keySet()).containsExactly("a", "b", "c", "d");
    }

    private static Packing pack(long limit, PlannedTensor... tensors) {
        return ShardPacker.pack(List.of(tensors), Layout.MERGEKIT, limit, BLOCK);
    }
}
