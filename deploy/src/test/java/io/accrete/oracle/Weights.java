package io.accrete.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tensors of a folder of safetensors files, read the simplest way. */
public final class Weights {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Tensor> tensors = new TreeMap<>();

    private Weights() {}

    /**
     * @param shape as the lists of expected tensors write it: {@code 512x64}, or {@code scalar}
     */
    public record Tensor(String name, String dtype, String shape, Path file, byte[] bytes) {
        public String sha256() {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                return HexFormat.of().formatHex(digest.digest(bytes));
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        /** As the lists of expected tensors have it: dtype, shape, digest. */
        public String described() {
            return dtype + " " + shape + " " + sha256();
        }

        /** Elements of a floating type. */
        public double[] values() {
            ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int width = dtype.equals("F64") ? 8 : dtype.equals("F32") ? 4 : 2;
            double[] values = new double[bytes.length / width];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        switch (dtype) {
                            case "F64" -> b.getDouble(8 * i);
                            case "F32" -> b.getFloat(4 * i);
                            case "F16" -> Float.float16ToFloat(b.getShort(2 * i));
                            case "BF16" -> Float.intBitsToFloat(b.getShort(2 * i) << 16);
                            default -> throw new IllegalArgumentException(dtype);
                        };
            }
            return values;
        }
    }

    /** Of one file, or of all files of a folder. */
    public static Weights read(Path path) throws IOException {
        Weights weights = new Weights();
        List<Path> files = List.of(path);
        if (Files.isDirectory(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                files =
                        entries.filter(f -> f.toString().endsWith(".safetensors"))
                                .sorted()
                                .toList();
            }
        }
        for (Path file : files) {
            weights.readFile(file);
        }
        return weights;
    }

    private void readFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long length = bytes(channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
            JsonNode header = JSON.readTree(bytes(channel, 8, length).array());
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    JsonNode value = entry.getValue();
                    long begin = value.get("data_offsets").get(0).longValue();
                    long end = value.get("data_offsets").get(1).longValue();
                    List<String> shape = new ArrayList<>();
                    value.get("shape").forEach(extent -> shape.add(extent.asText()));
                    Tensor tensor =
                            new Tensor(
                                    entry.getKey(),
                                    value.get("dtype").textValue(),
                                    shape.isEmpty() ? "scalar" : String.join("x", shape),
                                    file,
                                    bytes(channel, 8 + length + begin, end - begin).array());
                    if (tensors.put(tensor.name(), tensor) != null) {
                        throw new IOException(tensor.name() + " is in two files");
                    }
                }
            }
        }
    }

    private static ByteBuffer bytes(FileChannel channel, long offset, long length)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("file ends at " + channel.size());
            }
        }
        return bytes.flip();
    }

    public Map<String, Tensor> tensors() {
        return tensors;
    }

    public Tensor tensor(String name) {
        return Optional.ofNullable(tensors.get(name)).orElseThrow();
    }

    /** Name to {@code dtype shape sha256}. */
    public Map<String, String> digests() {
        return tensors.values().stream()
                .collect(
                        Collectors.toMap(
                                Tensor::name, Tensor::described, (a, b) -> a, TreeMap::new));
    }
}
