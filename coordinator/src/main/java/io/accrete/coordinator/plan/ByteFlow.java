package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;

import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Foretells what becomes of the bytes of a plan: shared, copied or computed. */
final class ByteFlow {
    private final Volume volume;
    private final IntPredicate onVolume;
    private Moved total = Moved.NONE;

    private ByteFlow(Volume volume, IntPredicate onVolume) {
        this.volume = volume;
        this.onVolume = onVolume;
    }

    /** Bytes of a source that stay together: of one tensor or of many. */
    private record Range(int file, long from, long to, long bytes) {
        boolean isFollowedBy(Range next) {
            return file == next.file && from + bytes == next.from && to + bytes == next.to;
        }

        Range and(Range next) {
            return new Range(file, from, to, bytes + next.bytes);
        }
    }

    /**
     * @param onVolume whether a source file, by its index, lies on the output's file system
     */
    static Moved of(List<ShardTask> shards, Volume volume, IntPredicate onVolume) {
        ByteFlow flow = new ByteFlow(volume, onVolume);
        shards.forEach(flow::add);
        return flow.total;
    }

    private void add(ShardTask shard) {
        Optional<Range> open = Optional.empty();
        for (TensorTask task : shard.tensors()) {
            if (task.op() instanceof TensorOp.Copy(SourceTensor source)) {
                long to = shard.headerBytes() + task.offset();
                Range next = new Range(source.file(), source.offset(), to, source.bytes());
                if (open.isPresent() && open.get().isFollowedBy(next)) {
                    open = Optional.of(open.get().and(next));
                } else {
                    open.ifPresent(this::move);
                    open = Optional.of(next);
                }
            } else {
                total = total.plus(new Moved(0, 0, task.output().bytes()));
            }
        }
        open.ifPresent(this::move);
    }

    private void move(Range range) {
        boolean mayShare = volume.sharesBlocks() && onVolume.test(range.file);
        long shared =
                mayShare ? sharedBytes(range.from, range.to, range.bytes, volume.blockBytes()) : 0;
        total = total.plus(new Moved(shared, range.bytes - shared, 0));
    }

    /** Whole blocks within a range whose two ends lie at the same phase. */
    static long sharedBytes(long from, long to, long bytes, int blockBytes) {
        if (Math.floorMod(from - to, blockBytes) != 0) {
            return 0;
        }
        long first = Math.ceilDiv(from, (long) blockBytes) * blockBytes;
        long end = (from + bytes) / blockBytes * blockBytes;
        return Math.max(0, end - first);
    }
}
