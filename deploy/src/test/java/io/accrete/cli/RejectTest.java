package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.fixture.TinyModels;
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
import java.util.TreeMap;
import java.util.stream.Stream;

/** Recipes and sources with mistakes: nothing passes in silence, nothing is left behind. */
class RejectTest {
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
            case "ended at the weights" -> {
                CommandLineRun run = merge(golden, data, output);
                assertThat(run.exitCode()).as(run::transcript).isEqualTo(1);
                assertThat(run.err()).contains("NON_FINITE");
                assertSentence(run, row);
                assertNothingLeft(output);
            }
            case "warned" -> {
                CommandLineRun run = merge(golden, data, output);
                // Where the values then turn out as the warning feared, the job fails.
                assertThat(run.exitCode()).as(run::transcript).isIn(0, 1);
                assertThat(run.exitCode() == 0 || run.err().contains("NON_FINITE"))
                        .as(run::transcript)
                        .isTrue();
                assertThat(run.err()).contains("warning");
                row.codes().forEach(code -> assertThat(run.err()).contains(code));
                Path strictOutput = scratch.resolve(output.getFileName() + "-strict");
                refused(merge(golden, data, strictOutput, "--strict"), row, strictOutput);
            }
            case "done right" -> {
                CommandLineRun run = merge(golden, data, output);
                assertThat(run.exitCode()).as(run::transcript).isZero();
                assertThat(output.resolve("config.json")).exists();
            }
            case "refused at the output" -> {
                Path model = TinyModels.llama().shards(2).write(output);
                Map<String, String> before = Weights.read(model).digests();
                CommandLineRun run = merge(golden, data, output);
                assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
                assertSentence(run, row);
                assertThat(Weights.read(model).digests()).isEqualTo(before);
                assertThat(staging(output)).doesNotExist();
            }
            default -> throw new AssertionError("no such verdict: " + row);
        }
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
        assertSentence(run, row);
        assertNothingLeft(output);
    }

    private static CommandLineRun merge(Path golden, Path data, Path output, String... more) {
        List<String> arguments = new ArrayList<>(List.of("merge", "--no-write-model-card"));
        arguments.addAll(List.of(more));
        arguments.add(golden.resolve("recipe.yml").toString());
        arguments.add(output.toString());
        return CommandLineRun.in(data, arguments);
    }

    private static void assertSentence(CommandLineRun run, Row row) {
        row.codes().forEach(code -> assertThat(run.err()).as(run::transcript).contains(code));
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
