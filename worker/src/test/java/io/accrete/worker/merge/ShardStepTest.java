package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

class ShardStepTest {
    @Test
    void neighboursInSourceAndShardMoveTogether() {
        ShardTask shard = shard(copy(0, 1000), copy(0, 1040), copy(0, 1080));

        assertThat(ShardStep.of(shard)).containsExactly(new ShardStep.Copy(0, 1000, 120));
    }

    @Test
    void gapsAndOtherFilesSeparate() {
        ShardTask shard = shard(copy(0, 1000), copy(1, 1040), copy(1, 2000));

        assertThat(ShardStep.of(shard))
                .containsExactly(
                        new ShardStep.Copy(0, 1000, 40),
                        new ShardStep.Copy(1, 1040, 40),
                        new ShardStep.Copy(1, 2000, 40));
    }

    @Test
    void computedTensorsSeparate() {
        TensorOp.Copy first = copy(0, 1000);
        TensorOp scaled =
                new TensorOp.Convert(first.source(), Optional.empty(), DType.F32, Optional.of(2.0));
        ShardTask shard = shard(first, scaled, copy(0, 1040));

        assertThat(ShardStep.of(shard))
                .containsExactly(
                        new ShardStep.Copy(0, 1000, 40),
                        new ShardStep.Compute(1, shard.tensors().get(1)),
                        new ShardStep.Copy(0, 1040, 40));
    }

    @Test
    void aGapInTheShardIsRefused() {
        ShardTask planned = shard(copy(0, 1000), copy(0, 1040));
        ShardTask gap =
                new ShardTask(
                        0,
                        "s",
                        64,
                        planned.bytes(),
                        List.of(planned.tensors().get(1), planned.tensors().get(0)));

        assertThatThrownBy(() -> ShardStep.of(gap))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'t1' is to begin at 40, and the one before ends at 0");
    }

    private static TensorOp.Copy copy(int file, long offset) {
        return new TensorOp.Copy(new SourceTensor(file, "x", DType.F32, Shape.of(10), offset, 40));
    }

    private static ShardTask shard(TensorOp... ops) {
        List<TensorTask> tasks =
                IntStream.range(0, ops.length)
                        .mapToObj(
                                i ->
                                        new TensorTask(
                                                new TensorSpec("t" + i, DType.F32, Shape.of(10)),
                                                40L * i,
                                                ops[i]))
                        .toList();
        return new ShardTask(0, "s", 64, 64 + 40L * ops.length, tasks);
    }
}
