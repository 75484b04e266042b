package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;

import io.accrete.oracle.Material;
import io.accrete.oracle.Tolerance;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What mergekit 0.1.5 made of real recipes over real models, tensor by tensor. */
class GoldenMergeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> METHODS = Set.of("passthrough", "linear", "slerp");
    private static final Pattern METHOD =
            Pattern.compile("merge_method:\\s*[\"']?(\\w+)", Pattern.MULTILINE);

    /** Recipes of methods that run, with parts that do not run yet. */
    private static final Map<String, String> REFUSED =
            Map.of(
                    "lora-copy", "LoRA",
                    "lora-linear", "LoRA",
                    "pad-to-multiple", "tokenizer",
                    "tokenizer-of-model", "rows that move",
                    "tokenizer-tokens", "tokenizer",
                    "tokenizer-union", "tokenizer",
                    "tokenizer-union-grow", "tokenizer");

    /** Fields of config.json that a loader needs, with both spellings where there are two. */
    private static final List<List<String>> CONFIG_FIELDS =
            List.of(
                    List.of("architectures"),
                    List.of("model_type"),
                    List.of("num_hidden_layers"),
                    List.of("hidden_size"),
                    List.of("intermediate_size"),
                    List.of("num_attention_heads"),
                    List.of("num_key_value_heads"),
                    List.of("vocab_size"),
                    List.of("tie_word_embeddings"),
                    List.of("rms_norm_eps"),
                    List.of("dtype", "torch_dtype"));

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithMergekit() throws IOException {
        if (!Material.isThere()) {
            return Stream.of(dynamicTest("needs real models", Material::goldens));
        }
        Path goldens = Material.goldens().resolve("merge");
        Path data = Material.data();
        List<Path> cases;
        try (Stream<Path> folders = Files.list(goldens)) {
            cases =
                    folders.filter(f -> Files.exists(f.resolve("case.json")))
                            .sorted(Comparator.naturalOrder())
                            .toList();
        }
        assertThat(cases).isNotEmpty();
        return cases.stream()
                .map(
                        golden ->
                                dynamicTest(
                                        golden.getFileName().toString(),
                                        () -> check(golden, data)));
    }

    private void check(Path golden, Path data) throws IOException {
        String name = golden.getFileName().toString();
        JsonNode about = JSON.readTree(golden.resolve("case.json").toFile());
        Path output = scratch.resolve(name);
        List<String> arguments = new ArrayList<>(List.of("merge", "--json"));
        for (JsonNode option : about.get("options")) {
            String text = option.textValue();
            arguments.add(text.equals("CACHE") ? scratch.resolve("cache").toString() : text);
        }
        arguments.add(golden.resolve("recipe.yml").toString());
        arguments.add(output.toString());
        CommandLineRun run = CommandLineRun.in(data, arguments);

        Matcher method = METHOD.matcher(Files.readString(golden.resolve("recipe.yml")));
        boolean runs = !method.find() || METHODS.contains(method.group(1));
        if (!runs || REFUSED.containsKey(name)) {
            assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
            assertThat(run.err()).containsIgnoringCase(runs ? REFUSED.get(name) : method.group(1));
            assertNothingLeft(output);
            return;
        }
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.result().get("state").textValue()).isEqualTo("SUCCEEDED");
        Weights weights = Weights.read(output);
        tensors(golden, about, weights);
        config(golden, output);
        index(golden, output, weights);
        for (JsonNode file : about.get("files")) {
            boolean tokenizer = file.textValue().matches("tokenizer.*|special_tokens_map.json");
            if (tokenizer) {
                assertThat(output.resolve(file.textValue())).exists();
            }
        }
    }

    private static void tensors(Path golden, JsonNode about, Weights weights) throws IOException {
        Map<String, String> expected = new TreeMap<>();
        List<String> rows = Files.readAllLines(golden.resolve("tensors.tsv"));
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split("\t", -1);
            expected.put(cells[0], cells[1] + " " + cells[2] + " " + cells[3]);
        }
        Map<String, String> actual = weights.digests();
        if (about.get("exact").booleanValue()) {
            assertThat(actual).isEqualTo(expected);
            return;
        }
        actual.replaceAll((tensor, text) -> text.substring(0, text.lastIndexOf(' ')));
        expected.replaceAll((tensor, text) -> text.substring(0, text.lastIndexOf(' ')));
        assertThat(actual).isEqualTo(expected);
        Weights values = Weights.read(golden.resolve("expected.safetensors"));
        JsonNode rules = about.get("tolerance").get("otherwise");
        for (Weights.Tensor tensor : weights.tensors().values()) {
            double[] wanted = values.tensor(tensor.name()).values();
            assertThat(Tolerance.of(rules, tensor.dtype()).worst(tensor.values(), wanted))
                    .as(tensor.name())
                    .isLessThanOrEqualTo(1.0);
        }
    }

    private static void config(Path golden, Path output) throws IOException {
        JsonNode expected = JSON.readTree(golden.resolve("config.json").toFile());
        JsonNode actual = JSON.readTree(output.resolve("config.json").toFile());
        for (List<String> spellings : CONFIG_FIELDS) {
            JsonNode wanted = first(expected, spellings);
            if (wanted.asText().startsWith("torch.")) {
                wanted = TextNode.valueOf(wanted.asText().substring("torch.".length()));
            }
            JsonNode found = first(actual, spellings);
            // What the source leaves out is the library's default, which mergekit writes down.
            if (!found.isMissingNode()) {
                assertThat(found).as(spellings.getFirst()).isEqualTo(wanted);
            }
        }
        assertThat(actual.get("num_hidden_layers")).isEqualTo(expected.get("num_hidden_layers"));
    }

    private static JsonNode first(JsonNode config, List<String> spellings) {
        return spellings.stream()
                .map(config::path)
                .filter(value -> !value.isMissingNode())
                .findFirst()
                .orElse(config.path(spellings.getFirst()));
    }

    /** Which copy of a source tensor stands in which shard is free; how many are is not. */
    private static void index(Path golden, Path output, Weights weights) throws IOException {
        Path indexFile = golden.resolve("model.safetensors.index.json");
        if (!Files.exists(indexFile)) {
            assertThat(output.resolve("model.safetensors")).exists();
            assertThat(output.resolve("model.safetensors.index.json")).doesNotExist();
            return;
        }
        JsonNode expected = JSON.readTree(indexFile.toFile());
        JsonNode actual = JSON.readTree(output.resolve("model.safetensors.index.json").toFile());
        assertThat(actual.get("metadata").get("total_size"))
                .isEqualTo(expected.get("metadata").get("total_size"));
        JsonNode sites = JSON.readTree(output.resolve("accrete.json").toFile()).get("sites");
        assertThat(kindsByShard(actual.get("weight_map"), sites))
                .isEqualTo(kindsByShard(expected.get("weight_map"), sites));
        for (Map.Entry<String, JsonNode> entry : actual.get("weight_map").properties()) {
            assertThat(weights.tensor(entry.getKey()).file().getFileName())
                    .hasToString(entry.getValue().textValue());
        }
    }

    private static Map<String, List<String>> kindsByShard(JsonNode weightMap, JsonNode sites) {
        Pattern layer = Pattern.compile("(model\\.layers\\.)(\\d+)(\\..*)");
        Map<String, List<String>> kinds = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
            Matcher matcher = layer.matcher(entry.getKey());
            String kind = entry.getKey();
            if (matcher.matches()) {
                JsonNode site = sites.get(Integer.parseInt(matcher.group(2)));
                kind = site.get("model").textValue() + site.get("layer") + matcher.group(3);
            }
            kinds.computeIfAbsent(entry.getValue().textValue(), f -> new ArrayList<>()).add(kind);
        }
        return kinds;
    }

    private static void assertNothingLeft(Path output) {
        String name = output.getFileName().toString();
        assertThat(output).doesNotExist();
        assertThat(output.resolveSibling("." + name + ".accrete")).doesNotExist();
    }
}
