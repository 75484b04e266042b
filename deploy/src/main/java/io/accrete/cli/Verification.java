package io.accrete.cli;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.worker.inference.ForwardCheck;
import io.accrete.worker.inference.LoadedModel;
import io.accrete.worker.tensor.ComputeDevice;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Compares a model folder with itself and with the receipts of the merge that made it. */
final class Verification {
    private static final int CHUNK_BYTES = 4 << 20;

    private final ModelContents contents;
    private final List<Problem> problems;
    private final Map<String, ModelContents.Tensor> tensors = new HashMap<>();
    private final Map<String, String> digests = new TreeMap<>();
    private int compared;
    private int notCompared;
    private final Set<String> absentSources = new LinkedHashSet<>();

    Verification(ModelContents contents) {
        this.contents = contents;
        this.problems = new ArrayList<>(contents.problems());
        contents.tensors().forEach(tensor -> tensors.put(tensor.spec().name(), tensor));
    }

    List<Problem> problems() {
        return problems;
    }

    /** Of all tensors that were read, by name. */
    Map<String, String> digests() {
        return digests;
    }

    /** Tensors whose bytes agree with a digest or with their source. */
    int compared() {
        return compared;
    }

    /** Copied tensors whose source is no longer what it was. */
    int notCompared() {
        return notCompared;
    }

    /** What became of the sources that some tensors could not be compared with, as a sentence. */
    String absentSources() {
        return String.join(", ", absentSources);
    }

    /** Sizes and headers of all shards; reads no values. */
    void headers(Receipts receipts) throws IOException {
        for (Receipts.Shard shard : receipts.shards()) {
            Path file = contents.path().resolve(shard.file());
            try {
                SafetensorsFile found = SafetensorsFile.open(file);
                if (found.identity().size() != shard.bytes()) {
                    fault(
                            "FMT-202",
                            file,
                            "has %,d bytes; its receipt says %,d"
                                    .formatted(found.identity().size(), shard.bytes()));
                }
                if (!found.header().sha256().equals(shard.headerSha256())) {
                    fault("FMT-203", file, "has another header than its receipt says");
                }
            } catch (NoSuchFileException e) {
                fault("FMT-201", file, "is not there");
            } catch (SafetensorsException e) {
                fault(e.fault().code(), file, e.sentence());
            }
        }
    }

    /** The values of all tensors that have a receipt; nothing else is in the model. */
    void values(Receipts receipts) throws IOException {
        Set<String> known = new HashSet<>();
        receipts.shards()
                .forEach(shard -> shard.tensors().forEach(tensor -> known.add(tensor.name())));
        for (ModelContents.Tensor tensor : contents.tensors()) {
            if (!known.contains(tensor.spec().name())) {
                fault(
                        "FMT-211",
                        tensor.file().orElse(contents.path()),
                        "has tensor `%s`, and accrete.json has no receipt of it"
                                .formatted(tensor.spec().name()));
            }
        }
        List<Boolean> unchanged = new ArrayList<>();
        for (Receipts.Source source : receipts.sources()) {
            unchanged.add(isUnchanged(source));
        }
        for (Receipts.Shard shard : receipts.shards()) {
            for (Receipts.Tensor receipt : shard.tensors()) {
                ModelContents.Tensor tensor = tensors.get(receipt.name());
                if (tensor == null || tensor.file().isEmpty()) {
                    fault(
                            "FMT-204",
                            contents.path().resolve(shard.file()),
                            "lacks tensor `%s`".formatted(receipt.name()));
                    continue;
                }
                Integer source = receipt.source();
                Long offset = receipt.offset();
                if (receipt.sha256() != null) {
                    compare(tensor, receipt.sha256(), "the digest in its receipt");
                } else if (source != null && offset != null && unchanged.get(source)) {
                    Path file = Path.of(receipts.sources().get(source).path());
                    String digest = digest(file, offset, tensor.spec());
                    compare(tensor, digest, "its source " + file);
                } else {
                    notCompared++;
                    if (source != null) {
                        absentSources.add(absence(Path.of(receipts.sources().get(source).path())));
                    }
                }
            }
        }
    }

    /** Files beside the weights that the receipts of a training have digests of. */
    void files(Receipts receipts) throws IOException {
        SortedMap<String, String> files = receipts.files();
        if (files == null) {
            return;
        }
        for (Map.Entry<String, String> known : files.entrySet()) {
            String name = known.getKey();
            Optional<Path> file = beside(contents.path(), name);
            if (file.isEmpty()) {
                fault("FMT-201", contents.path(), "lacks the file " + name);
            } else if (!Sha256.hex(file.get()).equals(known.getValue())) {
                fault("FMT-210", file.get(), "was edited: it is not the one that was published");
            }
        }
    }

    /** A file in a folder; none where nothing can be called so. */
    static Optional<Path> beside(Path folder, String name) {
        try {
            return Optional.of(folder.resolve(name)).filter(Files::isRegularFile);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The digests of all tensors. */
    void digestAll() throws IOException {
        for (ModelContents.Tensor tensor : contents.tensors()) {
            digest(tensor);
        }
    }

    /**
     * One pass through the model.
     *
     * @throws Refusal if it is no model that can be computed with
     */
    void forward() throws Refusal {
        int threads = Runtime.getRuntime().availableProcessors();
        ModelFolder folder = ModelFolder.open(contents.path());
        try (LoadedModel model = ModelOptions.open(folder, new ComputeDevice.Cpu(), threads)) {
            for (String fault : ForwardCheck.faults(model)) {
                fault("FMT-207", contents.path(), fault);
            }
        }
    }

    private static String absence(Path source) {
        return source + (Files.exists(source) ? " has changed" : " is gone");
    }

    private static boolean isUnchanged(Receipts.Source source) {
        try {
            Path file = Path.of(source.path());
            return Files.exists(file) && source.identity().stillIs(SafetensorsFile.identify(file));
        } catch (IOException e) {
            return false;
        }
    }

    private void compare(ModelContents.Tensor tensor, String expected, String with)
            throws IOException {
        Optional<String> digest = digest(tensor);
        if (digest.isPresent() && !digest.get().equals(expected)) {
            fault(
                    "FMT-205",
                    tensor.file().orElse(contents.path()),
                    "the values of tensor `%s` are not those of %s"
                            .formatted(tensor.spec().name(), with));
        } else {
            compared++;
        }
    }

    private Optional<String> digest(ModelContents.Tensor tensor) throws IOException {
        if (tensor.file().isEmpty()) {
            return Optional.empty();
        }
        String known = digests.get(tensor.spec().name());
        if (known == null) {
            known = digest(tensor.file().get(), tensor.offset(), tensor.spec());
            digests.put(tensor.spec().name(), known);
        }
        return Optional.of(known);
    }

    private static String digest(Path file, long offset, TensorSpec spec) throws IOException {
        MessageDigest sha256 = Sha256.begin();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        long bytes = spec.bytes();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < bytes; ) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, bytes - at));
                int read = channel.read(chunk, offset + at);
                if (read < 0) {
                    throw new IOException(
                            "%s ends inside of tensor `%s`".formatted(file, spec.name()));
                }
                sha256.update(chunk.flip());
                at += read;
            }
        }
        return Sha256.hex(sha256);
    }

    private void fault(String code, Path file, String message) {
        problems.add(
                new Problem(
                        Problem.Severity.ERROR,
                        code,
                        file.toString(),
                        null,
                        null,
                        message,
                        "make the model again with its recipe, or copy it again",
                        null));
    }
}
