package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.tensor.DType;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a process with one worker needs of anonymous memory, whatever the size of the model.
 *
 * <p>Copies need no more than {@link #BASE_BYTES}, the Java machine with its actors, and one {@link
 * #WRITE_BUFFER_BYTES}. Tensors are computed in pieces of {@link #PIECE_ELEMENTS}; then there are
 * {@link #ENGINE_BYTES} of the tensor library, and
 *
 * <pre>
 * THREADS * PIECE_ELEMENTS
 *     * ( input buffers, one per source type (two for slerp), of its width
 *       + 3 buffers per type in which is computed (sum and scratch), of its width
 *       + 3 buffers per output type (computed, waiting, written), of its width )
 * </pre>
 */
final class MemoryBound {
    static final long BASE_BYTES = 108L << 20;
    static final long WRITE_BUFFER_BYTES = 4L << 20;
    static final long ENGINE_BYTES = 56L << 20;
    static final long PIECE_ELEMENTS = 1L << 18;

    /**
     * Most that compute one shard; a worker with fewer cores has fewer ({@code
     * accrete.worker.threads}).
     */
    static final long THREADS = 4;

    private static final int COMPUTING_BUFFERS = 3;
    private static final int OUTPUT_BUFFERS = 3;

    private final Map<DType, Integer> inputs = new EnumMap<>(DType.class);
    private final Set<DType> computing = EnumSet.noneOf(DType.class);
    private final Set<DType> outputs = EnumSet.noneOf(DType.class);

    private MemoryBound() {}

    static long bytesPerWorker(List<ShardTask> shards) {
        long most = 0;
        for (ShardTask shard : shards) {
            MemoryBound bound = new MemoryBound();
            shard.tensors().forEach(bound::add);
            most = Math.max(most, bound.bytes());
        }
        return BASE_BYTES + WRITE_BUFFER_BYTES + (most == 0 ? 0 : ENGINE_BYTES + most);
    }

    private void add(TensorTask task) {
        switch (task.op()) {
            case TensorOp.Copy _ -> {}
            case TensorOp.Convert convert -> add(task, convert.result(), convert.source());
            case TensorOp.Linear linear ->
                    linear.inputs().forEach(i -> add(task, linear.result(), i.source()));
            case TensorOp.Slerp slerp -> add(task, slerp.result(), slerp.base(), slerp.other());
        }
    }

    private void add(TensorTask task, DType result, SourceTensor... sources) {
        for (SourceTensor source : sources) {
            inputs.merge(source.dtype(), sources.length, Math::max);
        }
        computing.add(result == DType.F64 ? DType.F64 : DType.F32);
        outputs.add(task.output().dtype());
    }

    private long bytes() {
        long bits = 0;
        for (Map.Entry<DType, Integer> input : inputs.entrySet()) {
            bits += (long) input.getKey().bits() * input.getValue();
        }
        for (DType type : computing) {
            bits += (long) type.bits() * COMPUTING_BUFFERS;
        }
        for (DType type : outputs) {
            bits += (long) type.bits() * OUTPUT_BUFFERS;
        }
        return THREADS * PIECE_ELEMENTS * bits / Byte.SIZE;
    }
}
