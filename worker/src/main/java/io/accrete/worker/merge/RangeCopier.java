package io.accrete.worker.merge;

import io.accrete.protocol.merge.ShardReceipt.Moved;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Moves ranges of sources into a shard without reading them: by sharing blocks where the file
 * system can and the offsets allow it, else by a copy inside the kernel.
 */
final class RangeCopier implements AutoCloseable {
    private final Sources sources;
    private final ShardFile shard;
    private final Map<Integer, LinuxFile> shareable = new HashMap<>();
    private final Set<Integer> unshareable = new HashSet<>();
    private long shared;
    private long copied;

    RangeCopier(Sources sources, ShardFile shard) {
        this.sources = sources;
        this.shard = shard;
    }

    /** All that was moved so far. */
    Moved moved() {
        return new Moved(shared, copied, 0);
    }

    void copy(ShardStep.Copy step) throws IOException, TaskFailedException {
        long block = shard.blockBytes();
        long head = Math.min(step.bytes(), Math.floorMod(-step.sourceOffset(), block));
        long middle = (step.bytes() - head) / block * block;
        boolean congruent =
                Math.floorMod(step.sourceOffset(), block)
                        == Math.floorMod(step.targetOffset(), block);
        if (congruent && middle > 0 && share(step, head, middle)) {
            transfer(step, 0, head);
            transfer(step, head + middle, step.bytes() - head - middle);
        } else {
            transfer(step, 0, step.bytes());
        }
    }

    private boolean share(ShardStep.Copy step, long skip, long bytes) throws TaskFailedException {
        Optional<LinuxFile> target = shard.linux();
        if (target.isEmpty() || unshareable.contains(step.file())) {
            return false;
        }
        LinuxFile source = shareable.get(step.file());
        if (source == null) {
            Optional<LinuxFile> opened = LinuxFile.open(sources.path(step.file()), false);
            if (opened.isEmpty()) {
                unshareable.add(step.file());
                return false;
            }
            source = opened.get();
            shareable.put(step.file(), source);
        }
        long from = step.sourceOffset() + skip;
        if (!target.get().share(source, from, step.targetOffset() + skip, bytes)) {
            unshareable.add(step.file());
            return false;
        }
        shared += bytes;
        shard.advanced(bytes);
        return true;
    }

    private void transfer(ShardStep.Copy step, long skip, long bytes)
            throws IOException, TaskFailedException {
        FileChannel source = sources.channel(step.file());
        long done = 0;
        while (done < bytes) {
            long from = step.sourceOffset() + skip + done;
            long to = step.targetOffset() + skip + done;
            long moved = shard.transferFrom(source, from, to, bytes - done);
            if (moved == 0 && from >= source.size()) {
                throw sources.endsEarly(step.file(), from);
            } else if (moved == 0) {
                throw new IOException(
                        "%s: no byte could be copied at %,d"
                                .formatted(sources.path(step.file()), from));
            }
            done += moved;
            copied += moved;
        }
    }

    @Override
    public void close() {
        shareable.values().forEach(LinuxFile::close);
    }
}
