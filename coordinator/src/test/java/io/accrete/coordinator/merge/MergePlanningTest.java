package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.plan.PlanReport;
import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

class MergePlanningTest {
    @TempDir Path folder;

    @BeforeEach
    void models() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        TinyModels.llama().seed(2).write(folder.resolve("b"));
        TinyModels.llama().tied(true).seed(3).write(folder.resolve("tied"));
    }

    @Test
    void aSelfMergeCopiesEveryLayerAndKnowsWhereItComesFrom() {
        MergePlan plan = planned(slices("a 0 3", "a 1 4"));

        assertThat(tensors(plan).values()).allMatch(t -> t.op() instanceof TensorOp.Copy);
        assertThat(tensors(plan)).hasSize(6 * 9 + 3);
        assertThat(plan.sites())
                .containsExactly(
                        new Site(0, "a", 0, 0, 1),
                        new Site(1, "a", 1, 0, 2),
                        new Site(2, "a", 2, 0, 2),
                        new Site(3, "a", 1, 1, 2),
                        new Site(4, "a", 2, 1, 2),
                        new Site(5, "a", 3, 0, 1));
        assertThat(config(plan)).contains("\"num_hidden_layers\": 6,");
        assertThat(plan.carried().keySet())
                .containsExactly(
                        "generation_config.json", "tokenizer.json", "tokenizer_config.json");
    }

    @Test
    void aRefusalHasAReason() {
        List<Problem> none = List.of();
        assertThatThrownBy(() -> new PlanOutcome(Optional.empty(), none, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anArchitectureWhoseLayersTheModelHasNotIsRefused() throws IOException {
        List<TensorSpec> blocks = new ArrayList<>();
        for (TensorSpec spec : TinyModels.llama().tensors()) {
            String name = spec.name().replace("model.layers.", "h.");
            blocks.add(new TensorSpec(name, spec.dtype(), spec.shape()));
        }
        SafetensorsWriter.write(
                folder.resolve("a/model.safetensors"),
                blocks,
                blocks.stream().map(TinyModels.llama()::values).toList());
        PlanOutcome outcome =
                plan(
                        """
                        merge_method: passthrough
                        models:
                          - model: {model: a, override_architecture: MistralForCausalLM}
                        """);
        assertThat(outcome.problems()).extracting(Problem::code).contains("PLN-009");
        assertThat(outcome.ok()).isFalse();
        assertThat(plan(slices("a 0 4")).problems())
                .filteredOn(problem -> problem.code().equals("PLN-018"))
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains("is in the table, but there layers are called `model.layers.0.*`");
    }

    /** Encoder and decoder have four layers each, and {@code num_layers} counts the encoder's. */
    @Test
    void growingOneOfTwoStacksOfLayersIsRefused() throws IOException {
        List<TensorSpec> stacks = new ArrayList<>();
        for (int layer = 0; layer < 4; layer++) {
            for (String name : List.of("decoder.block.%d.0.q", "decoder.block.%d.1.q")) {
                stacks.add(weight(name.formatted(layer)));
            }
            stacks.add(weight("encoder.block.%d.0.q".formatted(layer)));
        }
        stacks.add(weight("shared"));
        SafetensorsWriter.write(
                folder.resolve("a/model.safetensors"),
                stacks,
                stacks.stream().map(TinyModels.llama()::values).toList());
        Files.writeString(
                folder.resolve("a/config.json"),
                """
                {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5",
                 "num_layers": 4, "num_decoder_layers": 4, "torch_dtype": "float32"}
                """);

        assertThat(plan(slices("a 0 3", "a 1 4")).problems())
                .filteredOn(Problem::isError)
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.code()).isEqualTo("PLN-040");
                            assertThat(problem.message())
                                    .contains(
                                            "`encoder.block.*`", "from 4 to 6", "`num_layers: 4`");
                        });
        assertThat(plan(slices("a 0 4")).ok()).as("nothing grows").isTrue();
    }

    private static TensorSpec weight(String module) {
        return new TensorSpec(module + ".weight", DType.F32, Shape.of(8, 8));
    }

    @Test
    void aFilterThatNoTensorMatchesIsToldOf() {
        String recipe =
                """
                merge_method: linear
                parameters: {normalize: false}
                models:
                  - model: a
                    parameters:
                      weight:
                        - {filter: self_attn, value: 0.5}
                        - {filter: nosuchtensor, value: 0.1}
                        - value: 1
                  - {model: b, parameters: {weight: 1}}
                """;

        assertThat(plan(recipe).problems())
                .filteredOn(problem -> problem.code().equals("PLN-059"))
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.line()).isEqualTo(8);
                            assertThat(problem.message()).contains("'nosuchtensor'");
                            assertThat(problem.fix()).contains("mlp").contains("self_attn");
                        });
    }

    @Test
    void theSameRequestGivesTheSameBytes() {
        String recipe = "merge_method: linear\nmodels:\n" + weighted("a", 1) + weighted("b", 2);

        assertThat(PlanFile.of(planned(recipe)).json())
                .isEqualTo(PlanFile.of(planned(recipe)).json());
    }

    @Test
    void theJobsDigestFollowsTheSources() throws IOException {
        String before = planned(slices("a 0 4")).job();
        TinyModels.llama().seed(9).dtype(DType.BF16).write(folder.resolve("a"));

        assertThat(planned(slices("a 0 4")).job()).isNotEqualTo(before);
    }

    @Test
    void configurationIsTheDonorsTextWithOnlyWhatChanges() throws IOException {
        String source = Files.readString(folder.resolve("a/config.json"));

        MergePlan plan = planned(slices("a 0 4", "a 2 4") + "dtype: bfloat16\n");

        assertThat(config(plan))
                .isEqualTo(
                        source.replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 6")
                                .replace("float32", "bfloat16"));
    }

    @Test
    void listsWithAnEntryPerLayerMoveWithTheLayers() throws IOException {
        edit(
                "a",
                "\"vocab_size\"",
                "\"layer_types\": [\"w\", \"x\", \"y\", \"z\"],\n  \"vocab_size\"");

        MergePlan plan = planned(slices("a 2 4", "a 0 3"));

        assertThat(config(plan)).contains("\"layer_types\": [\"y\", \"z\", \"w\", \"x\", \"y\"]");
    }

    @Test
    void aFactorOfOneIsACopyAndAnyOtherIsNot() {
        MergePlan plan =
                planned(
                        slices("a 0 4")
                                + "parameters: {scale: [{filter: o_proj, value: 0.5}, {value:"
                                + " 1}]}\n");

        assertThat(tensors(plan).values().stream().filter(t -> t.op() instanceof TensorOp.Convert))
                .hasSize(4)
                .allMatch(t -> t.output().name().endsWith("o_proj.weight"));
    }

    @Test
    void anUntiedHeadUnderATiedConfigurationIsNotIgnored() {
        PlanOutcome outcome = plan("base_model: tied\n" + slices("tied 0 2", "a 2 4"));

        assertThat(codes(outcome)).contains("PLN-042");
        MergePlan plan = outcome.plan().orElseThrow();
        assertThat(tensors(plan)).containsKey("lm_head.weight");
        assertThat(config(plan)).contains("\"tie_word_embeddings\": false");
    }

    @Test
    void aTiedMatrixKeepsTheNameUnderWhichItIsStored() throws IOException {
        Path weights = folder.resolve("tied/model.safetensors");
        String content = Files.readString(weights, StandardCharsets.ISO_8859_1);
        // the same number of bytes, so that the header stays valid
        Files.writeString(
                weights,
                content.replace("model.embed_tokens.weight\":", "lm_head.weight\":           "),
                StandardCharsets.ISO_8859_1);

        MergePlan plan = planned(slices("tied 0 3", "tied 1 4"));

        assertThat(tensors(plan))
                .containsKey("lm_head.weight")
                .doesNotContainKey("model.embed_tokens.weight");
        assertThat(config(plan)).contains("\"tie_word_embeddings\": true");
    }

    @Test
    void mixedTypesArePromoted() throws IOException {
        TinyModels.llama().dtype(DType.F16).write(folder.resolve("half"));
        TinyModels.llama().dtype(DType.BF16).write(folder.resolve("brain"));
        String recipe =
                "merge_method: linear\nmodels:\n" + weighted("half", 1) + weighted("brain", 1);

        assertThat(tensors(planned(recipe)).values())
                .allMatch(task -> task.output().dtype() == DType.F32);
        assertThat(tensors(planned(recipe + "out_dtype: float16\n")).values())
                .allMatch(task -> task.output().dtype() == DType.F16);
    }

    @Test
    void allProblemsAreNamedAtOnce() {
        PlanOutcome outcome =
                plan(
                        "merge_method: passthrough\nslices:\n"
                                + slice("a 0 9")
                                + slice("nowhere 0 1")
                                + slice("b 3 2")
                                + "chat_template: auto\n");

        assertThat(codes(outcome)).contains("PLN-010", "PLN-006", "RCP-014", "PLN-004");
        assertThat(outcome.plan()).isEmpty();
        assertThat(outcome.report().orElseThrow().ok()).isFalse();
    }

    @Test
    void anOutputInAModelIsRefused() {
        for (String output : List.of("a", "a/out", ".")) {
            JobSpec spec = job(slices("a 0 4"), folder.resolve(output), Layout.MERGEKIT, false);
            assertThat(codes(MergePlanning.plan(spec))).contains("PLN-008");
        }
    }

    @Test
    void absentWeightsAreAnErrorOfAMergeAndAWarningOfALookAtIt() throws IOException {
        Files.delete(folder.resolve("a/model.safetensors"));
        JobSpec spec = job(slices("a 0 4"), folder.resolve("out"), Layout.MERGEKIT, false);

        assertThat(MergePlanning.plan(spec).hasErrors()).isTrue();
        PlanOutcome preview = MergePlanning.preview(spec);
        assertThat(preview.hasErrors()).isFalse();
        assertThat(preview.plan()).isEmpty();
        assertThat(preview.report().orElseThrow().tensors()).isEqualTo(4 * 9 + 3);
    }

    @Test
    void strictMakesErrorsOfWarnings() {
        String recipe =
                "merge_method: passthrough\nbase_model: tied\n"
                        + "slices:\n"
                        + slice("tied 0 2")
                        + slice("a 2 4");
        JobSpec spec = job(recipe, folder.resolve("out"), Layout.MERGEKIT, true);

        assertThat(MergePlanning.plan(spec).plan()).isEmpty();
        assertThat(MergePlanning.plan(spec).problems()).allMatch(Problem::isError);
    }

    @Test
    void severalRecipesInAFileAndOtherModulesAreRefused() {
        assertThat(codes(plan(slices("a 0 4") + "---\nname: second\n" + slices("a 0 4"))))
                .contains("PLN-005");
        String modules =
                """
                merge_method: passthrough
                modules:
                  text_decoder:
                    models: [{model: a}]
                """;
        assertThat(codes(plan(modules))).contains("PLN-003");
    }

    @Test
    void aChatTemplateReplacesThatOfTheDonor() throws IOException {
        Files.writeString(
                folder.resolve("a/tokenizer_config.json"),
                "{\n  \"chat_template\": \"old\",\n  \"x\": 1\n}\n");
        Files.writeString(folder.resolve("a/chat_template.jinja"), "old");
        String template = "{% for m in messages %}{{ m.content }}{% endfor %}";

        MergePlan plan = planned(slices("a 0 4") + "chat_template: \"%s\"\n".formatted(template));

        assertThat(plan.texts())
                .containsEntry("chat_template.jinja", template)
                .containsEntry(
                        "tokenizer_config.json",
                        "{\n  \"chat_template\": \"%s\",\n  \"x\": 1\n}\n".formatted(template));
        assertThat(plan.carried()).containsOnlyKeys("generation_config.json", "tokenizer.json");
    }

    @Test
    void theTokenizerOfTheBaseTakesTheFirstRowsOfALargerVocabulary() throws IOException {
        TinyModels.llama().vocab(40).seed(4).write(folder.resolve("more"));
        String recipe = "merge_method: linear\nmodels:\n" + weighted("a", 1) + weighted("more", 1);

        assertThat(codes(plan(recipe))).contains("PLN-021");
        MergePlan plan = planned(recipe + "base_model: a\ntokenizer_source: base\n");

        assertThat(tensors(plan).values())
                .filteredOn(task -> task.output().name().equals("lm_head.weight"))
                .allMatch(task -> task.output().shape().equals(Shape.of(32, 16)))
                .hasSize(1);
        assertThat(codes(plan(recipe + "base_model: more\ntokenizer_source: base\n")))
                .contains("PLN-055");
    }

    @Test
    void endsThatDoNotFitAreRefused() throws IOException {
        TinyModels.llama().vocab(40).write(folder.resolve("more"));
        TinyModels.llama().hidden(8).write(folder.resolve("narrow"));

        assertThat(codes(plan(slices("a 0 2", "more 2 4")))).contains("PLN-046");
        assertThat(codes(plan(slices("a 0 4", "narrow 4 4")))).contains("PLN-019");
        assertThat(codes(plan(slices("a 0 2", "narrow 2 4")))).contains("PLN-022");
    }

    @Test
    void aVocabularyOtherThanTheDonorsIsSaid() throws IOException {
        TinyModels.llama().tied(true).vocab(40).write(folder.resolve("more"));

        PlanOutcome outcome = plan(slices("tied 0 2", "more 2 4") + "base_model: more\n");

        assertThat(codes(outcome)).contains("PLN-047");
        assertThat(config(outcome.plan().orElseThrow())).contains("\"vocab_size\": 32");
    }

    @Test
    void theNumberOfLayersIsBounded() {
        StringBuilder recipe = new StringBuilder("merge_method: passthrough\nslices:\n");
        for (int i = 0; i < 2501; i++) {
            recipe.append(slice("a 0 4"));
        }

        assertThat(codes(plan(recipe.toString()))).contains("PLN-011");
    }

    @Test
    void whatTheOutputLeavesOutIsListed() {
        PlanReport report = plan(slices("a 0 2", "b 3 4")).report().orElseThrow();

        assertThat(report.omitted().stream().map(o -> o.model() + " " + o.what()))
                .containsExactly(
                        "a lm_head.weight",
                        "a model.norm.weight",
                        "a model.layers.2.*",
                        "a model.layers.3.*",
                        "b model.embed_tokens.weight",
                        "b model.layers.0.*",
                        "b model.layers.1.*",
                        "b model.layers.2.*");
    }

    /** A sparse source, larger than what is free. */
    @Test
    void lackOfSpaceNamesTheOutput() throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        List<TensorSpec> specs = new ArrayList<>(TinyModels.llama().tensors());
        specs.add(new TensorSpec("extra.weight", DType.U8, Shape.of(free)));
        specs.sort(ShardHeader.ORDER);
        Path weights = folder.resolve("a/model.safetensors");
        byte[] header = ShardHeader.encode(specs, Map.of(), 0);
        Files.write(weights, header);
        try (RandomAccessFile sparse = new RandomAccessFile(weights.toFile(), "rw")) {
            sparse.setLength(header.length + specs.stream().mapToLong(TensorSpec::bytes).sum());
        }

        List<Problem> problems =
                MergePlanning.preview(
                                job(slices("a 0 4"), folder.resolve("out"), Layout.MERGEKIT, false))
                        .problems();

        assertThat(problems)
                .filteredOn(problem -> problem.code().equals("RES-001"))
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.isError()).isFalse();
                            assertThat(problem.file()).isEqualTo(folder.resolve("out").toString());
                            assertThat(problem.message()).contains("free");
                        });
    }

    @Test
    void thePlanForetellsGrowthAndMemory() {
        PlanReport report = plan(slices("a 0 4", "a 0 4")).report().orElseThrow();

        PlanReport.Growth growth = Objects.requireNonNull(report.growth());
        assertThat(growth.layersBefore()).isEqualTo(4);
        // keys and values of 2 heads of 4 numbers of 2 bytes, in 8 layers
        assertThat(growth.kvBytesPerToken()).isEqualTo(2 * 2 * 4 * 2 * 8);
        assertThat(report.memoryBytesPerWorker()).isLessThan(512_000_000);
        assertThat(report.otherLayout()).isNotNull();
    }

    private PlanOutcome plan(String recipe) {
        return MergePlanning.plan(job(recipe, folder.resolve("out"), Layout.MERGEKIT, false));
    }

    private MergePlan planned(String recipe) {
        PlanOutcome outcome = plan(recipe);
        assertThat(outcome.problems()).noneMatch(Problem::isError);
        return outcome.plan().orElseThrow();
    }

    private JobSpec job(String recipe, Path output, Layout layout, boolean strict) {
        MergeOptions options =
                SharedMaterial.with(
                        MergeOptions.defaults(folder.toString()),
                        layout,
                        MergeOptions.OUT_SHARD_SIZE,
                        false,
                        false,
                        strict,
                        List.of());
        return JobSpec.merge("recipe.yml", recipe, output.normalize().toString(), options);
    }

    private void edit(String model, String from, String to) throws IOException {
        Path config = folder.resolve(model).resolve("config.json");
        Files.writeString(config, Files.readString(config).replace(from, to));
    }

    /** Passthrough of slices, each as {@code model first end}. */
    private static String slices(String... slices) {
        StringBuilder text = new StringBuilder("merge_method: passthrough\nslices:\n");
        for (String slice : slices) {
            text.append(slice(slice));
        }
        return text.toString();
    }

    private static String slice(String slice) {
        String[] words = slice.split(" ", -1);
        return "- sources: [{model: %s, layer_range: [%s, %s]}]\n"
                .formatted(words[0], words[1], words[2]);
    }

    private static String weighted(String model, int weight) {
        return "- {model: %s, parameters: {weight: %d}}\n".formatted(model, weight);
    }

    private static String config(MergePlan plan) {
        return plan.texts().getOrDefault("config.json", "");
    }

    private static List<String> codes(PlanOutcome outcome) {
        return outcome.problems().stream().map(Problem::code).toList();
    }

    private static Map<String, TensorTask> tensors(MergePlan plan) {
        Map<String, TensorTask> tensors = new TreeMap<>();
        plan.shards()
                .forEach(
                        shard ->
                                shard.tensors()
                                        .forEach(task -> tensors.put(task.output().name(), task)));
        return tensors;
    }
}
