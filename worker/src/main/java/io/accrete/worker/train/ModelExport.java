package io.accrete.worker.train;

import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The weight files of a trained model while they are written: the stages give one parameter after
 * the other, in whatever order, and each goes to its place.
 */
public final class ModelExport implements Stage.TensorSink, AutoCloseable {
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final SortedMap<String, Place> places = new TreeMap<>();
    private final List<ShardFile> shards = new ArrayList<>();
    private final SortedMap<String, String> digests = new TreeMap<>();

    private record Place(TensorSpec spec, ShardFile shard, long offset) {}

    private record ShardFile(
            String name,
            FileChannel channel,
            byte[] header,
            long bytes,
            List<TensorSpec> tensors) {}

    private ModelExport() {}

    /** Makes the files of a training's result with their headers. */
    public static ModelExport into(Path folder, PlannedPhase last) throws IOException {
        OutputSettings output = last.plan().job().output();
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        for (TensorSpec own : last.tensors()) {
            tensors.put(own.name(), new TensorSpec(own.name(), output.dtype(), own.shape()));
        }
        return into(folder, tensors, output.shardSizeBytes());
    }

    /**
     * @param tensors all of the model, of the types that they are to have
     * @param limitBytes of the tensors of a shard; 0 for none
     */
    private static ModelExport into(
            Path folder, SortedMap<String, TensorSpec> tensors, long limitBytes)
            throws IOException {
        ModelExport export = new ModelExport();
        List<List<TensorSpec>> shards = shards(tensors, limitBytes);
        for (int i = 0; i < shards.size(); i++) {
            String name =
                    shards.size() == 1
                            ? "model.safetensors"
                            : "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            export.begin(folder, name, shards.get(i));
        }
        return export;
    }

    /** One file of that name, whatever its size. */
    public static ModelExport file(Path folder, String name, SortedMap<String, TensorSpec> tensors)
            throws IOException {
        ModelExport export = new ModelExport();
        export.begin(folder, name, tensors.values().stream().sorted(ShardHeader.ORDER).toList());
        return export;
    }

    private static List<List<TensorSpec>> shards(
            SortedMap<String, TensorSpec> tensors, long limitBytes) {
        List<List<TensorSpec>> shards = new ArrayList<>();
        long open = 0;
        for (TensorSpec tensor : tensors.values()) {
            if (shards.isEmpty() || limitBytes > 0 && open + tensor.bytes() > limitBytes) {
                shards.add(new ArrayList<>());
                open = 0;
            }
            shards.getLast().add(tensor);
            open += tensor.bytes();
        }
        shards.forEach(shard -> shard.sort(ShardHeader.ORDER));
        return shards;
    }

    private void begin(Path folder, String name, List<TensorSpec> tensors) throws IOException {
        byte[] header = ShardHeader.encode(tensors, METADATA, 0);
        FileChannel channel =
                FileChannel.open(
                        folder.resolve(name),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        long bytes = header.length + tensors.stream().mapToLong(TensorSpec::bytes).sum();
        ShardFile shard = new ShardFile(name, channel, header, bytes, tensors);
        shards.add(shard);
        write(channel, ByteBuffer.wrap(header), 0);
        long offset = header.length;
        for (TensorSpec tensor : tensors) {
            places.put(tensor.name(), new Place(tensor, shard, offset));
            offset += tensor.bytes();
        }
    }

    @Override
    public void tensor(String name, Tensor value, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException("the model has no tensor `" + name + "`");
        }
        MessageDigest digest = Sha256.begin();
        long[] offset = {place.offset()};
        try (Tensor cast = arithmetic.cast(value, place.spec().dtype(), scope)) {
            cast.pieces(
                    bytes -> {
                        digest.update(bytes.duplicate());
                        offset[0] = write(place.shard().channel(), bytes, offset[0]);
                    });
        }
        digests.put(name, Sha256.hex(digest));
    }

    /**
     * Waits for the disk.
     *
     * @throws IllegalStateException if a tensor was not given
     */
    public List<WrittenShard> finish() throws IOException {
        if (!digests.keySet().equals(places.keySet())) {
            throw new IllegalStateException(
                    "%d of %d tensors were written".formatted(digests.size(), places.size()));
        }
        List<WrittenShard> written = new ArrayList<>();
        for (ShardFile shard : shards) {
            shard.channel().force(true);
            SortedMap<String, String> own = new TreeMap<>();
            shard.tensors().forEach(t -> own.put(t.name(), digests.getOrDefault(t.name(), "")));
            written.add(
                    new WrittenShard(shard.name(), shard.bytes(), Sha256.hex(shard.header()), own));
        }
        return written;
    }

    /** Where what is written ends. */
    private static long write(FileChannel channel, ByteBuffer bytes, long offset)
            throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        for (ShardFile shard : shards) {
            shard.channel().close();
        }
    }
}
