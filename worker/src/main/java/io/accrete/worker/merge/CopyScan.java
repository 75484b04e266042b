package io.accrete.worker.merge;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Reads the tensors that a shard copies, to find NaN and infinities in them, or to digest them. */
final class CopyScan {
    private static final int PIECE_BYTES = 1 << 20;

    /** The kernel copies to addresses that are no multiple of it at a third of the speed. */
    private static final int ALIGNMENT = 64;

    private final Sources sources;
    private final ShardFile target;
    private final CopiedBytes copies;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(PIECE_BYTES + ALIGNMENT).alignedSlice(ALIGNMENT);

    CopyScan(Sources sources, ShardFile target, CopiedBytes copies) {
        this.sources = sources;
        this.target = target;
        this.copies = copies;
    }

    void scan(ShardTask shard, ShardWriter writer) throws IOException, TaskFailedException {
        for (int i = 0; i < shard.tensors().size(); i++) {
            TensorTask task = shard.tensors().get(i);
            if (task.op() instanceof TensorOp.Copy(SourceTensor source)
                    && (source.dtype().isFloating() || copies == CopiedBytes.DIGESTED)) {
                read(i, task, source, writer);
            }
        }
    }

    private void read(int tensor, TensorTask task, SourceTensor source, ShardWriter writer)
            throws IOException, TaskFailedException {
        NonFiniteCount count = NonFiniteCount.NONE;
        MessageDigest digest = Sha256.begin();
        for (long at = 0; at < source.bytes(); at += PIECE_BYTES) {
            target.stopIfCancelled();
            int length = (int) Math.min(PIECE_BYTES, source.bytes() - at);
            sources.read(source.file(), source.offset() + at, buffer.clear().limit(length));
            MemorySegment values = MemorySegment.ofBuffer(buffer.flip());
            count = count.plus(NonFiniteCount.in(values, source.dtype()));
            if (copies == CopiedBytes.DIGESTED) {
                digest.update(buffer);
            }
        }
        writer.seen(task.output().name(), count);
        if (copies == CopiedBytes.DIGESTED) {
            writer.digested(tensor, Sha256.hex(digest));
        }
    }
}
