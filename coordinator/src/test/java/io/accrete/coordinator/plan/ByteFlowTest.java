package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;

import java.util.List;

class ByteFlowTest {
    @Test
    void onlyWholeBlocksOfCongruentRangesAreShared() {
        assertThat(ByteFlow.sharedBytes(100, 4196, 10_000, 4096)).isEqualTo(4096);
        assertThat(ByteFlow.sharedBytes(100, 4197, 10_000, 4096)).isZero();
        assertThat(ByteFlow.sharedBytes(0, 8192, 8192, 4096)).isEqualTo(8192);
        assertThat(ByteFlow.sharedBytes(100, 100, 3000, 4096)).isZero();
    }

    @Test
    void withoutABlockSharingVolumeEverythingIsCopiedOrComputed() {
        List<PlannedTensor> tensors =
                List.of(
                        PackedTensors.copy("a", 8 << 20, 4096),
                        PackedTensors.computed("b", DType.F32, 1000));
        Packing packing = ShardPacker.pack(tensors, Layout.SHARED, 0, 4096);
        Volume ext4 = new Volume("ext4", Long.MAX_VALUE, 4096, false);
        Volume xfs = new Volume("xfs", Long.MAX_VALUE, 4096, true);

        assertThat(ByteFlow.of(packing.shards(), ext4, file -> true))
                .isEqualTo(new Moved(0, 8 << 20, 4000));
        assertThat(ByteFlow.of(packing.shards(), xfs, file -> false))
                .isEqualTo(new Moved(0, 8 << 20, 4000));
        assertThat(ByteFlow.of(packing.shards(), xfs, file -> true))
                .isEqualTo(new Moved(8 << 20, 0, 4000));
    }

    @Test
    void rangesThatStayTogetherAreSharedAcrossTheirBorder() {
        List<PlannedTensor> tensors =
                List.of(
                        PackedTensors.copy("a", (1 << 20) + 1000, 8192),
                        PackedTensors.copy("b", (1 << 20) + 3096, 8192 + (1 << 20) + 1000));
        Packing packing = ShardPacker.pack(tensors, Layout.SHARED, 0, 4096);
        Volume xfs = new Volume("xfs", Long.MAX_VALUE, 4096, true);

        assertThat(ByteFlow.of(packing.shards(), xfs, file -> true))
                .isEqualTo(new Moved((2 << 20) + 4096, 0, 0));
    }
}
