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
        boolean congruent = Math.floorMod(step.sourceOffset() - shard.position(), block) == 0;
        long from = step.sourceOffset();
        if (congruent && middle > 0 && !unshareable.contains(step.file())) {
            transfer(step.file(), from, head);
            from += head;
            if (share(step.file(), from, middle)) {
                from += middle;
            }
        }
        transfer(step.file(), from, step.sourceOffset() + step.bytes() - from);
    }

    private boolean share(int file, long from, long bytes) throws IOException, TaskFailedException {
        LinuxFile source = shareable.get(file);
        if (source == null) {
            Optional<LinuxFile> opened = LinuxFile.open(sources.path(file), false);
            if (opened.isEmpty()) {
                unshareable.add(file);
                return false;
            }
            source = opened.get();
            shareable.put(file, source);
        }
        if (!shard.share(source, from, bytes)) {
            unshareable.add(file);
            return false;
        }
        shared += bytes;
        return true;
    }

    private void transfer(int file, long offset, long bytes)
            throws IOException, TaskFailedException {
        FileChannel source = sources.channel(file);
        long done = 0;
        while (done < bytes) {
            long moved = shard.append(source, offset + done, bytes - done);
            if (moved == 0 && offset + done >= source.size()) {
                throw sources.endsEarly(file, offset + done);
            } else if (moved == 0) {
                throw new IOException(
                        "%s: no byte could be copied at %,d"
                                .formatted(sources.path(file), offset + done));
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
