package io.accrete.worker.merge;

import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.wire.TaskFailure;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files that one shard reads, open, and what the plan knows of them. */
final class Sources implements AutoCloseable {
    private final Map<Integer, FileIdentity> identities = new TreeMap<>();
    private final Map<Integer, FileChannel> channels = new HashMap<>();

    /** Opens nothing yet. */
    Sources(MergePlan plan, ShardTask shard) {
        shard.tensors().stream()
                .flatMap(task -> read(task.op()))
                .map(SourceTensor::file)
                .forEach(file -> identities.put(file, plan.sources().get(file)));
    }

    private static Stream<SourceTensor> read(TensorOp op) {
        return switch (op) {
            case TensorOp.Copy(SourceTensor source) -> Stream.of(source);
            case TensorOp.Convert convert -> Stream.of(convert.source());
            case TensorOp.Linear linear -> linear.inputs().stream().map(TensorOp.Weighted::source);
            case TensorOp.Slerp slerp -> Stream.of(slerp.base(), slerp.other());
        };
    }

    /** That each file is the one that the plan was made from, as far as its header shows. */
    void verify() throws TaskFailedException, IOException {
        for (FileIdentity planned : identities.values()) {
            Path path = Path.of(planned.path());
            try {
                if (!planned.stillIs(SafetensorsFile.identify(path))) {
                    throw changed(path, "its size, time or header is another", null);
                }
            } catch (NoSuchFileException e) {
                throw changed(path, "it is not there any more", e);
            } catch (SafetensorsException e) {
                throw changed(path, "it is no valid safetensors file any more", e);
            }
        }
    }

    Path path(int file) {
        return Path.of(identity(file).path());
    }

    /** May be asked for by several threads at once, as may {@link #read}. */
    synchronized FileChannel channel(int file) throws IOException {
        FileChannel channel = channels.get(file);
        if (channel == null) {
            channel = FileChannel.open(path(file), StandardOpenOption.READ);
            channels.put(file, channel);
        }
        return channel;
    }

    /** Fills the buffer from its position to its limit. */
    void read(int file, long offset, ByteBuffer into) throws IOException, TaskFailedException {
        FileChannel channel = channel(file);
        long at = offset;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw endsEarly(file, at);
            }
            at += read;
        }
    }

    /** The failure of a file that has no byte at {@code offset} where the plan has seen one. */
    TaskFailedException endsEarly(int file, long offset) {
        return changed(path(file), "it ends at byte %,d".formatted(offset), null);
    }

    private FileIdentity identity(int file) {
        FileIdentity identity = identities.get(file);
        if (identity == null) {
            throw new IllegalStateException("the shard does not read source " + file);
        }
        return identity;
    }

    private static TaskFailedException changed(Path path, String what, @Nullable Exception cause) {
        return new TaskFailedException(
                TaskFailure.Kind.SOURCE_CHANGED,
                "%s is not the file that the plan was made from: %s; put it back, or start a new merge"
                        .formatted(path, what),
                cause);
    }

    @Override
    public void close() throws IOException {
        IOException first = null;
        for (FileChannel channel : List.copyOf(channels.values())) {
            try {
                channel.close();
            } catch (IOException e) {
                first = e;
            }
        }
        channels.clear();
        if (first != null) {
            throw first;
        }
    }
}
