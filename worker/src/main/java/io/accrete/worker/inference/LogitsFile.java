package io.accrete.worker.inference;

import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file of one tensor {@code logits} [rows, longest row, vocabulary] of type F32,
 * short rows padded with zeros. It has its name only when it is complete.
 */
public final class LogitsFile implements Evaluation.LogitsSink, AutoCloseable {
    private final Path path;
    private final Path unfinished;
    private final int rowNumbers;
    private final FileChannel channel;

    /**
     * @throws IOException if it cannot be made
     */
    public LogitsFile(Path path, int rows, int longest, int vocabulary) throws IOException {
        this.path = path;
        this.unfinished = path.resolveSibling("." + path.getFileName() + ".unfinished");
        this.rowNumbers = Math.multiplyExact(longest, vocabulary);
        this.channel =
                FileChannel.open(
                        unfinished,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        TensorSpec logits =
                new TensorSpec("logits", DType.F32, Shape.of(rows, longest, vocabulary));
        write(ByteBuffer.wrap(ShardHeader.encode(List.of(logits), Map.of(), 0)));
    }

    @Override
    public void row(float[] logits) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(rowNumbers, Float.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(logits);
        write(bytes);
    }

    /** Gives it its name. */
    public void publish() throws IOException {
        channel.force(true);
        Files.move(unfinished, path, StandardCopyOption.REPLACE_EXISTING);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(unfinished);
    }
}
