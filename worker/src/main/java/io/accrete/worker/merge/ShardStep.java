package io.accrete.worker.merge;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;

import java.util.ArrayList;
import java.util.List;

/** One thing to do for a shard, in the order of its bytes. Together they fill it without gaps. */
sealed interface ShardStep {

    /**
     * Bytes of one source that stay together: of one tensor or of many.
     *
     * @param file index of the source
     * @param sourceOffset from the start of the source file
     */
    record Copy(int file, long sourceOffset, long bytes) implements ShardStep {
        private boolean isFollowedBy(Copy next) {
            return file == next.file && sourceOffset + bytes == next.sourceOffset;
        }

        private Copy and(Copy next) {
            return new Copy(file, sourceOffset, bytes + next.bytes);
        }
    }

    /**
     * @param index of the tensor in its shard
     */
    record Compute(int index, TensorTask task) implements ShardStep {}

    static List<ShardStep> of(ShardTask shard) {
        List<ShardStep> steps = new ArrayList<>();
        long end = 0;
        for (int i = 0; i < shard.tensors().size(); i++) {
            TensorTask task = shard.tensors().get(i);
            if (task.offset() != end) {
                throw new IllegalArgumentException(
                        "%s: '%s' is to begin at %,d, and the one before ends at %,d"
                                .formatted(shard.file(), task.output().name(), task.offset(), end));
            }
            end += task.output().bytes();
            switch (task.op()) {
                case TensorOp.Copy(SourceTensor source) ->
                        append(steps, new Copy(source.file(), source.offset(), source.bytes()));
                case TensorOp.Convert _, TensorOp.Linear _, TensorOp.Slerp _ ->
                        steps.add(new Compute(i, task));
            }
        }
        return List.copyOf(steps);
    }

    private static void append(List<ShardStep> steps, Copy next) {
        if (!steps.isEmpty() && steps.getLast() instanceof Copy last && last.isFollowedBy(next)) {
            steps.set(steps.size() - 1, last.and(next));
        } else if (next.bytes > 0) {
            steps.add(next);
        }
    }
}
