package io.accrete.fault;

import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.tensor.DType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A merge of about ninety shards, copied and computed ones, or of several times as many, with the
 * result that the test itself has calculated.
 */
final class MergeUnderTest {
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.(.*)");
    private static final int[] SOURCE_LAYERS = {0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7};

    /** Of these twelve the seventh and those after it are halved. */
    private static final int FIRST_SCALED = 6;

    private static final String SLICES =
            """
              - sources: [{model: source, layer_range: [0, 6]}]
              - sources:
                  - model: source
                    layer_range: [2, 8]
                    parameters: {scale: 0.5}
            """;

    private final Path folder;
    private final Path recipe;
    private final Map<String, String> expected;

    private MergeUnderTest(Path folder, Path recipe, Map<String, String> expected) {
        this.folder = folder;
        this.recipe = recipe;
        this.expected = expected;
    }

    static MergeUnderTest in(Path folder) throws IOException {
        new TinyModels.Llama(8, 256, 4, 2, 512, 256, DType.F16, false, 3, 1, true)
                .write(folder.resolve("source"));
        return of(folder, "recipe.yml", 1);
    }

    /** One layer after the other, and again from the first one, that often. */
    MergeUnderTest times(int times) throws IOException {
        return of(folder, "recipe-%d.yml".formatted(times), times);
    }

    private static MergeUnderTest of(Path folder, String name, int times) throws IOException {
        Path recipe =
                Files.writeString(
                        folder.resolve(name),
                        "merge_method: passthrough\nslices:\n" + SLICES.repeat(times));
        return new MergeUnderTest(folder, recipe, expected(folder.resolve("source"), times));
    }

    private static Map<String, String> expected(Path source, int times) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (Weights.Tensor tensor : Weights.read(source).tensors().values()) {
            Matcher layer = LAYER.matcher(tensor.name());
            if (!layer.matches()) {
                // What follows the layers takes the parameters of the last slice, as in mergekit.
                boolean first = tensor.name().equals("model.embed_tokens.weight");
                byte[] bytes = first ? tensor.bytes() : halved(tensor.bytes());
                digests.put(tensor.name(), text(tensor, bytes));
                continue;
            }
            for (int site = 0; site < times * SOURCE_LAYERS.length; site++) {
                int of = site % SOURCE_LAYERS.length;
                if (SOURCE_LAYERS[of] == Integer.parseInt(layer.group(1))) {
                    byte[] bytes = of < FIRST_SCALED ? tensor.bytes() : halved(tensor.bytes());
                    digests.put("model.layers." + site + "." + layer.group(2), text(tensor, bytes));
                }
            }
        }
        return digests;
    }

    private static String text(Weights.Tensor tensor, byte[] bytes) {
        return new Weights.Tensor(
                        tensor.name(), tensor.dtype(), tensor.shape(), tensor.file(), bytes)
                .described();
    }

    private static byte[] halved(byte[] halves) {
        ByteBuffer in = ByteBuffer.wrap(halves).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(halves.length).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            out.putShort(Float.floatToFloat16(0.5f * Float.float16ToFloat(in.getShort())));
        }
        return out.array();
    }

    Path folder() {
        return folder;
    }

    Path recipe() {
        return recipe;
    }

    Path source() {
        return folder.resolve("source");
    }

    Path output() {
        return folder.resolve("out");
    }

    Path staging() {
        return folder.resolve(".out.accrete");
    }

    /** Some hundred shards, so that there is always one in flight. */
    private static List<String> command(String output, String... more) {
        List<String> command =
                new ArrayList<>(List.of("merge", "--json", "--out-shard-size", "100K"));
        command.addAll(List.of(more));
        command.addAll(List.of("recipe.yml", output));
        return command;
    }

    AccreteProcess start(String... more) throws IOException {
        return startInto("out", more);
    }

    /**
     * @param output relative to the folder
     */
    AccreteProcess startInto(String output, String... more) throws IOException {
        return AccreteProcess.start(folder, folder, command(output, more));
    }

    /** Names of tensors that are there and should not be, or the other way, or are otherwise. */
    Set<String> wrongTensors() throws IOException {
        return wrongTensors(output());
    }

    Set<String> wrongTensors(Path output) throws IOException {
        Map<String, String> actual = Weights.read(output).digests();
        Set<String> wrong = new TreeSet<>(actual.keySet());
        wrong.addAll(expected.keySet());
        wrong.removeIf(name -> Objects.equals(actual.get(name), expected.get(name)));
        return wrong;
    }
}
