package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class MemoryBoundTest {
    private static final long COPIES = (108 + 4) << 20;
    private static final long ENGINE = 56 << 20;
    private static final long PIECE = 1 << 18;

    @Test
    void copiesNeedNothingOfTheirOwn() {
        assertThat(bound(PackedTensors.copy("a", 1 << 30, 64))).isEqualTo(COPIES);
    }

    @Test
    void eachOfFourThreadsHasItsBuffers() {
        long half = 2;
        long single = 4;
        // An input; the sum and two scratch buffers; three results.
        assertThat(bound(PackedTensors.computed("a", DType.F16, 1 << 30)))
                .isEqualTo(COPIES + ENGINE + 4 * PIECE * (half + 3 * single + 3 * half));
    }

    @Test
    void slerpReadsTwoTensorsAtOnce() {
        PlannedTensor like = PackedTensors.computed("a", DType.F16, 1 << 20);
        SourceTensor source = ((TensorOp.Convert) like.op()).source();
        TensorOp slerp = new TensorOp.Slerp(source, source, 0.5, Optional.empty(), DType.F16);

        assertThat(bound(new PlannedTensor(like.output(), slerp, "a")) - bound(like))
                .isEqualTo(4 * PIECE * 2);
    }

    @Test
    void theLargestShardDecides() {
        ShardTask small = shard(PackedTensors.copy("a", 100, 64));
        ShardTask large = shard(PackedTensors.computed("b", DType.F64, 100));

        assertThat(MemoryBound.bytesPerWorker(List.of(small, large, small)))
                .isEqualTo(MemoryBound.bytesPerWorker(List.of(large)));
    }

    private static long bound(PlannedTensor tensor) {
        return MemoryBound.bytesPerWorker(List.of(shard(tensor)));
    }

    private static ShardTask shard(PlannedTensor tensor) {
        return new ShardTask(
                0, "s", 64, 64, List.of(new TensorTask(tensor.output(), 0, tensor.op())));
    }
}
