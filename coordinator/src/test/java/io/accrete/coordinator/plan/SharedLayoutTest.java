package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

class SharedLayoutTest {
    private static final int BLOCK = 4096;
    private static final long LIMIT = 64L << 20;
    private static final Volume XFS = new Volume("xfs", Long.MAX_VALUE, BLOCK, true);

    @Test
    void copiesOfWholeBlocksLieAsInTheirSource() {
        List<PlannedTensor> tensors = new ArrayList<>();
        for (int layer = 0; layer < 20; layer++) {
            for (int copy = 0; copy < 3; copy++) {
                String source = "layers." + layer + ".w";
                tensors.add(
                        PackedTensors.copy(
                                "layers." + (layer + 20 * copy) + ".w",
                                source,
                                8L << 20,
                                1208 + layer * (8L << 20)));
            }
        }

        Packing packing = ShardPacker.pack(tensors, Layout.SHARED, LIMIT, BLOCK);

        assertThat(misaligned(packing)).isZero();
        assertThat(packing.shards()).allMatch(shard -> shard.headerBytes() % BLOCK == 1208);
        Moved moved = ByteFlow.of(packing.shards(), XFS, file -> true);
        assertThat(moved.copied()).isLessThan(moved.shared() / 500);
        assertThat(complete(packing, tensors)).isTrue();
    }

    @Test
    void tensorsThatAreNoWholeBlocksAreChainedAsTheyWereStored() {
        List<PlannedTensor> tensors = new ArrayList<>();
        long offset = 9000;
        for (int i = 0; i < 60; i++) {
            long bytes = i % 3 == 0 ? (1 << 20) + 1000 : i % 3 == 1 ? 2000 : 3 << 20;
            tensors.add(PackedTensors.copy("t.%02d".formatted(i), bytes, offset));
            tensors.add(
                    PackedTensors.copy(
                            "u.%02d".formatted(i), "t.%02d".formatted(i), bytes, offset));
            offset += bytes;
        }

        Packing packing = ShardPacker.pack(tensors, Layout.SHARED, LIMIT, BLOCK);

        Moved moved = ByteFlow.of(packing.shards(), XFS, file -> true);
        assertThat(moved.copied()).isLessThan(moved.shared() / 50);
        assertThat(complete(packing, tensors)).isTrue();
    }

    @Test
    void whatIsComputedOrSmallIsLaidOutAsMergekitDoesIt() {
        List<PlannedTensor> tensors =
                List.of(
                        PackedTensors.computed("b", DType.F16, 1 << 20),
                        PackedTensors.copy("a", 4096, 512),
                        PackedTensors.copy("c", 2 << 20, 4609));

        Packing shared = ShardPacker.pack(tensors, Layout.SHARED, LIMIT, BLOCK);
        Packing plain = ShardPacker.pack(tensors, Layout.MERGEKIT, LIMIT, BLOCK);

        assertThat(shared).isEqualTo(plain);
    }

    @Test
    void anyMixtureIsPackedCompletelyAndWithinTheLimit() {
        Random random = new Random(42);
        for (int round = 0; round < 50; round++) {
            List<PlannedTensor> tensors = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                tensors.add(
                        PackedTensors.copy(
                                "t" + i, 1 + random.nextInt(5 << 20), random.nextInt(1 << 30)));
            }

            Packing packing = ShardPacker.pack(tensors, Layout.SHARED, LIMIT, BLOCK);

            assertThat(complete(packing, tensors)).isTrue();
            assertThat(packing.shards())
                    .allMatch(shard -> shard.bytes() - shard.headerBytes() <= LIMIT);
        }
    }

    private static long misaligned(Packing packing) {
        long count = 0;
        for (ShardTask shard : packing.shards()) {
            for (TensorTask task : shard.tensors()) {
                long at = shard.headerBytes() + task.offset();
                if (!(task.op() instanceof TensorOp.Copy(SourceTensor source))
                        || (at - source.offset()) % BLOCK != 0) {
                    count++;
                }
            }
        }
        return count;
    }

    /** Each tensor once, without gaps. */
    private static boolean complete(Packing packing, List<PlannedTensor> tensors) {
        Set<String> names = new HashSet<>();
        for (ShardTask shard : packing.shards()) {
            long end = 0;
            for (TensorTask task : shard.tensors()) {
                assertThat(task.offset()).isEqualTo(end);
                assertThat(names.add(task.output().name())).isTrue();
                end += task.output().bytes();
            }
            assertThat(shard.bytes()).isEqualTo(shard.headerBytes() + end);
        }
        return names.size() == tensors.size() && packing.weightMap().keySet().equals(names);
    }
}
