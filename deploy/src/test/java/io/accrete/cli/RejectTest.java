package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Recipes and sources with mistakes: nothing passes in silence, nothing is left behind. */
class RejectTest {
    /** What a row says of the result, beside the verdict. */
    @FunctionalInterface
    private interface Promise {
        /**
         * @param source folder of the recipe's first model
         */
        void hold(Path source, Path output) throws IOException;
    }

    private static final Map<String, Promise> PROMISES =
            Map.of(
                    "model-card-offline", RejectTest::hasACard,
                    "source-bias-dropped", (in, out) -> carries(in, out, n -> n.endsWith(".bias")),
                    "source-unknown-tensor", (in, out) -> carries(in, out, unlistedIn(in)),
                    "source-unknown-architecture", (in, out) -> carries(in, out, name -> true),
                    "tie-differs", (in, out) -> hasAHead(out));

    @TempDir private Path scratch;

    /**
     * A row of the table of mistakes in {@code docs/compatibility.md}.
     *
     * @param codes of the problems that are named
     */
    private record Row(String verdict, List<String> codes) {}

    @TestFactory
    Stream<DynamicTest> givesEachMistakeItsVerdict() throws IOException {
        if (!Material.isThere()) {
            return Stream.of(dynamicTest("needs real models", Material::goldens));
        }
        Path goldens = Material.goldens().resolve("merge/reject");
        Path data = Material.data();
        Map<String, Row> rows = rows();
        List<Path> cases;
        try (Stream<Path> folders = Files.list(goldens)) {
            cases = folders.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(cases).isNotEmpty();
        return cases.stream()
                .map(golden -> golden.getFileName().toString())
                .map(
                        name ->
                                dynamicTest(
                                        name,
                                        () -> {
                                            assertThat(rows).containsKey(name);
                                            check(
                                                    goldens.resolve(name),
                                                    data,
                                                    Optional.ofNullable(rows.get(name))
                                                            .orElseThrow());
                                        }));
    }

    private static Map<String, Row> rows() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/compatibility.md"))) {
            List<String> cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
            if (cells.size() > 6 && cells.get(1).matches("`[a-z0-9-]+`")) {
                String codes = cells.get(4);
                rows.put(
                        cells.get(1).replace("`", ""),
                        new Row(
                                cells.get(3),
                                codes.isEmpty() ? List.of() : List.of(codes.split(" ", -1))));
            }
        }
        return rows;
    }

    private void check(Path golden, Path data, Row row) throws IOException {
        Path output = scratch.resolve(golden.getFileName().toString());
        switch (row.verdict()) {
            case "refused" -> refused(merge(golden, data, output), row, output);
            case "ended at the weights" -> ended(merge(golden, data, output), row, output);
            case "warned, then ended" -> {
                CommandLineRun run = merge(golden, data, output);
                ended(run, row, output);
                assertThat(run.err()).as(run::transcript).contains("warning [");
                refusedIfStrict(golden, data, row, output);
            }
            case "warned" -> {
                CommandLineRun run = merge(golden, data, output);
                assertThat(run.exitCode()).as(run::transcript).isZero();
                assertThat(run.err()).as(run::transcript).contains("warning [");
                assertExactly(run, row);
                CommandLineRun verify = CommandLineRun.in(data, "verify", output.toString());
                assertThat(verify.exitCode()).as(verify::transcript).isZero();
                assertPromise(golden, data, output);
                refusedIfStrict(golden, data, row, output);
            }
            case "done right" -> {
                CommandLineRun run = run(golden, data, output, List.of("merge"));
                assertThat(run.exitCode()).as(run::transcript).isZero();
                assertExactly(run, row);
                assertThat(PROMISES).containsKey(golden.getFileName().toString());
                assertPromise(golden, data, output);
            }
            case "refused at the output" -> {
                Path model = TinyModels.llama().shards(2).write(output);
                Map<String, String> before = Weights.read(model).digests();
                CommandLineRun run = merge(golden, data, output);
                assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
                assertSentence(run, row);
                assertThat(run.err()).as("says where").contains(output + "  [");
                assertThat(Weights.read(model).digests()).isEqualTo(before);
                assertThat(staging(output)).doesNotExist();
            }
            default -> throw new AssertionError("no such verdict: " + row);
        }
    }

    private static void assertPromise(Path golden, Path data, Path output) throws IOException {
        Promise promise = PROMISES.get(golden.getFileName().toString());
        if (promise != null) {
            Matcher model =
                    Pattern.compile("model: ([^\\s,}]+)")
                            .matcher(Files.readString(golden.resolve("recipe.yml")));
            assertThat(model.find()).as("the recipe names a model").isTrue();
            promise.hold(data.resolve(model.group(1)).normalize(), output);
        }
    }

    private static void hasACard(Path source, Path output) throws IOException {
        assertThat(output.resolve("README.md"))
                .content()
                .contains(String.valueOf(source.getFileName()), "passthrough");
        assertThat(output.resolve("mergekit_config.yml")).content().contains("passthrough");
        carries(source, output, name -> true);
    }

    /** The whole source is there, byte for byte, and with it the tensors that the row is about. */
    private static void carries(Path source, Path output, Predicate<String> theRowsOwn)
            throws IOException {
        Map<String, String> expected = Weights.read(source).digests();
        assertThat(expected.keySet()).as("tensors that the row is about").anyMatch(theRowsOwn);
        assertThat(Weights.read(output).digests()).containsAllEntriesOf(expected);
    }

    private static Predicate<String> unlistedIn(Path source) {
        Architecture known = ModelFolder.open(source).architecture().orElseThrow();
        return name -> known.weight(name).isEmpty();
    }

    private static void hasAHead(Path output) throws IOException {
        assertThat(Weights.read(output).tensors()).containsKey("lm_head.weight");
    }

    /** Each had been refused, or even called whole, without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"model.embed_tokens.weight", "linear.weight", "a", ""})
    void saysThatAModelHasNoLayers(String tensor) throws IOException {
        TinyModels.Llama llama = TinyModels.llama();
        Path model = llama.write(scratch.resolve("part"));
        List<TensorSpec> tensors =
                tensor.isEmpty()
                        ? List.of()
                        : List.of(new TensorSpec(tensor, DType.F32, Shape.of(4, 8)));
        SafetensorsWriter.write(
                model.resolve("model.safetensors"),
                tensors,
                tensors.stream().map(llama::values).toList());
        Files.writeString(
                scratch.resolve("r.yml"),
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: part, layer_range: [0, 4]}]
                  - sources: [{model: part, layer_range: [1, 4]}]
                """);
        CommandLineRun plan = CommandLineRun.in(scratch, "plan", "r.yml");
        assertThat(plan.exitCode()).as(plan::transcript).isEqualTo(4);
        assertThat(plan.err()).contains("[FMT-044]", "4 layers", "fix:");
        CommandLineRun json = CommandLineRun.in(scratch, "plan", "--json", "r.yml");
        assertThat(json.result().get("ok").booleanValue()).isFalse();
        assertThat(json.result().get("problems")).isNotEmpty();
        CommandLineRun merge = CommandLineRun.in(scratch, "merge", "r.yml", "out");
        assertThat(merge.exitCode()).as(merge::transcript).isEqualTo(4);
        assertThat(merge.err()).contains("[FMT-044]");
        assertNothingLeft(scratch.resolve("out"));
        CommandLineRun verify = CommandLineRun.in(scratch, "verify", "part");
        assertThat(verify.exitCode()).as(verify::transcript).isEqualTo(1);
        assertThat(verify.out()).contains("not whole");
        assertThat(verify.err()).contains("[FMT-044]");
    }

    private static void refused(CommandLineRun run, Row row, Path output) {
        assertThat(run.exitCode()).as(run::transcript).isIn(3, 4);
        assertThat(row.codes()).as("codes of " + row).isNotEmpty();
        assertSentence(run, row);
        assertNothingLeft(output);
    }

    private void refusedIfStrict(Path golden, Path data, Row row, Path output) {
        Path strict = scratch.resolve(output.getFileName() + "-strict");
        CommandLineRun run = merge(golden, data, strict, "--strict");
        assertThat(run.exitCode()).as(run::transcript).isIn(3, 4);
        assertThat(run.err()).as(run::transcript).doesNotContain("warning [");
        List<String> ofWeights = List.of("FMT-301");
        assertThat(codes(run))
                .as(run::transcript)
                .containsExactlyInAnyOrderElementsOf(
                        row.codes().stream().filter(c -> !ofWeights.contains(c)).toList());
        assertNothingLeft(strict);
    }

    private static void ended(CommandLineRun run, Row row, Path output) {
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(1);
        assertThat(run.err()).contains("[NON_FINITE]");
        assertExactly(run, row);
        assertNothingLeft(output);
    }

    private static CommandLineRun merge(Path golden, Path data, Path output, String... more) {
        List<String> arguments = new ArrayList<>(List.of("merge", "--no-write-model-card"));
        arguments.addAll(List.of(more));
        return run(golden, data, output, arguments);
    }

    private static CommandLineRun run(Path golden, Path data, Path output, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.add(golden.resolve("recipe.yml").toString());
        all.add(output.toString());
        return CommandLineRun.in(data, all);
    }

    /** The codes of the row are said, and no others. */
    private static void assertExactly(CommandLineRun run, Row row) {
        assertSentence(run, row);
        assertThat(codes(run)).as(run::transcript).containsExactlyInAnyOrderElementsOf(row.codes());
    }

    private static Set<String> codes(CommandLineRun run) {
        return Pattern.compile("\\[([A-Z]{3}-\\d{3})]")
                .matcher(run.err())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static void assertSentence(CommandLineRun run, Row row) {
        row.codes()
                .forEach(
                        code ->
                                assertThat(run.err())
                                        .as(run::transcript)
                                        .contains("[" + code + "]"));
        assertThat(run.err())
                .as(run::transcript)
                .doesNotContain("Exception")
                .doesNotContain("\tat ");
    }

    private static void assertNothingLeft(Path output) {
        assertThat(output).doesNotExist();
        assertThat(staging(output)).doesNotExist();
    }

    private static Path staging(Path output) {
        return output.resolveSibling("." + output.getFileName() + ".accrete");
    }
}
