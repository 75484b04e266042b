package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder with low-rank adapters in the format of Hugging Face's PEFT: adapter_config.json, and
 * adapter_model.safetensors with the names of the model's own modules behind a prefix.
 */
public final class PeftAdapter {
    /** Where one stands in the folder of the model that it is merged into. */
    public static final String FOLDER = "adapter";

    public static final String CONFIG = "adapter_config.json";
    public static final String WEIGHTS = "adapter_model.safetensors";

    private static final String PREFIX = "base_model.model.";
    private static final int CONFIG_BYTES_MAX = 1 << 20;
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path folder;
    private final SafetensorsFile file;
    private final JsonNode config;

    private PeftAdapter(Path folder, SafetensorsFile file, JsonNode config) {
        this.folder = folder;
        this.file = file;
        this.config = config;
    }

    /**
     * Where the values of a matrix lie.
     *
     * @param fileBytes size of the whole file
     */
    public record Place(TensorSpec spec, long offset, long fileBytes) {}

    /**
     * @throws IOException with a sentence if a file is missing or malformed
     */
    public static PeftAdapter open(Path folder) throws IOException {
        Path config = folder.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new IOException("there is no " + config);
        }
        if (Files.size(config) > CONFIG_BYTES_MAX) {
            throw new IOException("%s has more than %,d bytes".formatted(config, CONFIG_BYTES_MAX));
        }
        return new PeftAdapter(
                folder.toAbsolutePath(),
                SafetensorsFile.open(folder.resolve(WEIGHTS)),
                JSON.readTree(config.toFile()));
    }

    /**
     * All that does not agree with what is expected of it, as sentences.
     *
     * @param alpha the scale of their product, times the rank
     * @param expected shapes of A and B by their names without the prefix
     */
    public List<String> disagreements(int rank, double alpha, Map<String, Shape> expected) {
        List<String> found = new ArrayList<>();
        if (config.path("r").asInt() != rank) {
            found.add("its rank is %s, that of the job %d".formatted(config.path("r"), rank));
        }
        if (config.path("lora_alpha").asDouble() != alpha) {
            found.add(
                    "its alpha is %s, that of the job %s"
                            .formatted(config.path("lora_alpha"), alpha));
        }
        expected.forEach(
                (name, shape) -> {
                    var entry = file.header().entry(PREFIX + name);
                    if (entry.isEmpty()) {
                        found.add("it has no `%s`".formatted(PREFIX + name));
                    } else if (!entry.get().spec().shape().equals(shape)) {
                        found.add(
                                "`%s` has the shape %s; the model needs %s"
                                        .formatted(
                                                PREFIX + name, entry.get().spec().shape(), shape));
                    }
                });
        for (Entry entry : file.header().entries()) {
            String name = entry.name();
            if (!name.startsWith(PREFIX)
                    || !expected.containsKey(name.substring(PREFIX.length()))) {
                found.add("it has `%s`, which the job does not train".formatted(name));
            }
        }
        return found;
    }

    /** Absolute. */
    public Path folder() {
        return folder;
    }

    public Path weights() {
        return file.path();
    }

    /** What tells this file from a later one of the same name. */
    public FileIdentity identity() {
        return file.identity();
    }

    /** Of a matrix by its name without the prefix. */
    public Place place(String name) {
        Entry entry =
                file.header()
                        .entry(PREFIX + name)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "the adapter has no `" + name + "`"));
        return new Place(entry.spec(), file.header().offset(entry), file.identity().size());
    }

    /** What a matrix is called in the file. */
    public static String nameInFile(String name) {
        return PREFIX + name;
    }

    /**
     * The text of adapter_config.json.
     *
     * @param base the model that the adapter belongs to
     */
    public static byte[] config(String base, int rank, double alpha, List<Projection> targets)
            throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", base);
        config.put("r", rank);
        config.put("lora_alpha", alpha == Math.rint(alpha) ? (Object) (long) alpha : alpha);
        config.put("lora_dropout", 0.0);
        config.put("target_modules", targets.stream().map(Projection::target).toList());
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        return JSON.writeValueAsBytes(config);
    }
}
