package io.accrete.worker.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A case of the expected results of Hugging Face's Llama, and the model that it is about. */
record GoldenModel(JsonNode description, SafetensorsFile expected, ModelFolder folder) {

    static Path goldens() {
        String goldens = System.getenv("ACCRETE_GOLDENS");
        assumeTrue(
                goldens != null && System.getenv("ACCRETE_DATA") != null,
                "ACCRETE_GOLDENS and ACCRETE_DATA name no folders: results of transformers not"
                        + " compared");
        return Path.of(goldens);
    }

    static Stream<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> cases = Files.list(goldens().resolve("model"))) {
            cases.filter(path -> Files.exists(path.resolve("case.json")))
                    .forEach(path -> names.add(path.getFileName().toString()));
        }
        return names.stream().sorted();
    }

    static GoldenModel of(String name) throws IOException {
        Path folder = goldens().resolve("model").resolve(name);
        JsonNode description = new ObjectMapper().readTree(folder.resolve("case.json").toFile());
        Path data = Path.of(System.getenv("ACCRETE_DATA"));
        // A case with a recipe is about the 5 layers of the small model that all others use too.
        String model = description.path("model").asText("null");
        String prefix = "goldens/";
        Path where =
                switch (model) {
                    case "null" -> data.resolve("models/stories260k-hf");
                    case String own when own.startsWith(prefix) ->
                            goldens().resolve(own.substring(prefix.length()));
                    default -> data.resolve(model);
                };
        return new GoldenModel(
                description,
                SafetensorsFile.open(folder.resolve("expected.safetensors")),
                ModelFolder.open(where));
    }

    double tolerance(String what) {
        return description.path("tolerance").path(what).asDouble();
    }

    /** The numbers of the model after surgery. */
    LlamaConfig config() throws IOException {
        LlamaConfig own = LlamaConfig.of(folder);
        return description.has("sites") ? own.withLayers(description.path("sites").size()) : own;
    }

    /** The weights after surgery, as the case describes it. */
    WeightSource weights(LlamaArithmetic arithmetic, TensorScope scope) {
        WeightSource own = new FolderWeights(folder, arithmetic, scope);
        if (!description.has("sites")) {
            return own;
        }
        Map<String, Tensor> scaled = new TreeMap<>();
        return name -> {
            if (!name.startsWith("model.layers.")) {
                return own.tensor(name);
            }
            String[] parts = name.split("\\.", 4);
            int source =
                    description
                            .path("sites")
                            .path(Integer.parseInt(parts[2]))
                            .path("source_layer")
                            .asInt();
            Tensor tensor = own.tensor(LlamaConfig.layerTensor(source, parts[3]));
            JsonNode factor = description.path("branch_scale").path(parts[2]);
            boolean branch = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
            if (!branch || factor.isMissingNode()) {
                return tensor;
            }
            return scaled.computeIfAbsent(
                    name,
                    n -> {
                        Tensor copy = arithmetic.cast(tensor, tensor.dtype(), scope);
                        arithmetic.scale(copy, factor.asDouble());
                        return copy;
                    });
        };
    }

    boolean has(String tensor) {
        return expected.header().entry(tensor).isPresent();
    }

    Shape shape(String tensor) {
        return expected.header().entry(tensor).orElseThrow().spec().shape();
    }

    float[] floats(String tensor) {
        ByteBuffer bytes = bytes(tensor);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    long[] longs(String tensor) {
        ByteBuffer bytes = bytes(tensor);
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return values;
    }

    private ByteBuffer bytes(String tensor) {
        Entry entry = expected.header().entry(tensor).orElseThrow();
        ByteBuffer bytes =
                ByteBuffer.allocate((int) (entry.end() - entry.begin()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel file = FileChannel.open(expected.path())) {
            file.read(bytes, expected.header().headerBytes() + entry.begin());
        } catch (IOException e) {
            throw new UncheckedIOException("the expected results are unreadable", e);
        }
        return bytes.flip();
    }
}
