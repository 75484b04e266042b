package io.accrete.worker.train;

import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.worker.tensor.Moments;
import io.accrete.worker.tensor.Tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one stage owns, on its way into a file of a checkpoint, under names that no cut is in. The
 * values are not copied: they must not change before they are written. They may be written on any
 * thread, and after the end of the stage.
 */
public final class PartFile implements AutoCloseable {
    static final String VALUE = "param.";
    static final String FIRST = "exp_avg.";
    static final String SECOND = "exp_avg_sq.";
    static final String COUNT = "step.";

    private final Path file;
    private final List<TensorSpec> specs;
    private final List<Tensor> values;

    private PartFile(Path file, List<TensorSpec> specs, List<Tensor> values) {
        this.file = file;
        this.specs = specs;
        this.values = values;
    }

    /**
     * @param file that is not there yet
     * @param moments of what learns
     * @param held values that have been learnt and learn no more
     */
    static PartFile of(
            Path file, SortedMap<String, Moments> moments, SortedMap<String, Tensor> held) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        held.forEach((name, value) -> tensors.put(VALUE + name, value));
        moments.forEach(
                (name, own) -> {
                    tensors.put(VALUE + name, own.parameter());
                    tensors.put(FIRST + name, own.first());
                    tensors.put(SECOND + name, own.second());
                    tensors.put(COUNT + name, own.count());
                });
        List<TensorSpec> specs = new ArrayList<>();
        tensors.forEach((name, t) -> specs.add(new TensorSpec(name, DType.F32, t.shape())));
        specs.sort(ShardHeader.ORDER);
        List<Tensor> values = new ArrayList<>();
        for (TensorSpec spec : specs) {
            values.add(Optional.ofNullable(tensors.get(spec.name())).orElseThrow().shared());
        }
        return new PartFile(file, specs, values);
    }

    /** Returns once the kernel has it; {@link #settled} brings it to the disk. */
    void write() throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            write(channel, ByteBuffer.wrap(ShardHeader.encode(specs, Map.of(), 0)));
            for (Tensor value : values) {
                value.pieces(bytes -> write(channel, bytes));
            }
        }
    }

    /** Returns once a written file is on the disk. */
    CheckpointPart settled() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
            return new CheckpointPart(
                    file.getFileName().toString(), channel.size(), Sha256.hex(file));
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Lets go of the values. */
    @Override
    public void close() {
        values.forEach(Tensor::close);
    }
}
