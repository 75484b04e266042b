package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What people get wrong with model folders: each a finding, with the file's name and a fix. */
class ModelFolderFaultTest {

    private static final String SHARD_1 = "model-00001-of-00002.safetensors";
    private static final String SHARD_2 = "model-00002-of-00002.safetensors";

    @TempDir Path parent;
    private Path folder;

    @BeforeEach
    void nameAFolder() {
        folder = parent.resolve("model");
    }

    @Test
    void noFolderOrAFileInItsPlace() throws IOException {
        assertThat(codes()).containsExactly(FolderFault.NO_FOLDER.code());
        Files.writeString(folder, "");
        assertThat(codes()).containsExactly(FolderFault.NOT_A_FOLDER.code());
    }

    @Test
    void anEmptyFolder() throws IOException {
        Files.createDirectory(folder);
        assertThat(codes()).containsExactly(FolderFault.NOT_A_MODEL.code());
    }

    @Test
    void weightsWithoutAConfiguration() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("config.json"));
        assertThat(codes()).containsExactly(FolderFault.CONFIG_MISSING.code());
    }

    @Test
    void weightsWithoutLayers() throws IOException {
        TinyModels.llama().write(folder);
        List<TensorSpec> embedding =
                TinyModels.llama().tensors().stream()
                        .filter(spec -> spec.name().contains("embed"))
                        .toList();
        weights(embedding);
        assertThat(codes()).containsExactly(FolderFault.NO_LAYERS.code());
        assertThat(ModelFolder.open(folder).findings().getFirst().message())
                .contains("4 layers")
                .contains("model.embed_tokens.weight");
        weights(List.of());
        assertThat(codes()).containsExactly(FolderFault.NO_LAYERS.code());
    }

    @Test
    void aPartOfAModelThatCountsNoLayers() throws IOException {
        TinyModels.llama().write(folder);
        Files.writeString(folder.resolve("config.json"), "{\"in_features\": 8}");
        weights(List.of(new TensorSpec("linear.weight", DType.F32, Shape.of(4, 8))));
        assertThat(codes()).containsExactly(FolderFault.NO_LAYERS.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                "model.layers.0.self_attn.q_proj.lora_B.default.weight",
                "model.layers.0.self_attn.q_proj.lora_A",
                "model.layers.0.self_attn.q_proj_lora_B.weight",
                "model.embed_tokens.lora_embedding_A",
                "model.layers.0.mlp.up_proj.lora_down.weight"
            })
    void anAdapterUnderTheNameOfAModel(String tensor) throws IOException {
        TinyModels.llama().write(folder);
        weights(List.of(new TensorSpec(tensor, DType.F32, Shape.of(4, 16))));
        assertThat(codes()).containsExactly(FolderFault.ADAPTER.code());
    }

    private void weights(List<TensorSpec> tensors) throws IOException {
        SafetensorsWriter.write(
                folder.resolve("model.safetensors"),
                tensors,
                tensors.stream().map(TinyModels.llama()::values).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"a\": ", "\"x\""})
    void aConfigurationThatIsNoObject(String text) throws IOException {
        TinyModels.llama().write(folder);
        Files.writeString(folder.resolve("config.json"), text);
        assertThat(codes()).containsExactly(FolderFault.CONFIG_UNREADABLE.code());
    }

    @Test
    void wordsForProgrammersOfTheParserStayOut() throws IOException {
        TinyModels.llama().write(folder);
        Files.writeString(folder.resolve("config.json"), "{\"a\": {");
        assertThat(only().message())
                .contains("line 1", "column")
                .doesNotContain("Source", "REDACTED", "StreamReadFeature");
    }

    @Test
    void aConfigurationThatIsAFolder() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("config.json"));
        Files.createDirectory(folder.resolve("config.json"));
        assertThat(codes()).containsExactly(FolderFault.CONFIG_UNREADABLE.code());
        Files.delete(folder.resolve("config.json"));
        Files.createSymbolicLink(folder.resolve("config.json"), Path.of("/dev/zero"));
        assertThat(codes()).containsExactly(FolderFault.CONFIG_UNREADABLE.code());
    }

    @Test
    void weightsThatAreAFolder() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("model.safetensors"));
        Files.createDirectory(folder.resolve("model.safetensors"));
        assertThat(codes()).containsExactly(Fault.NOT_A_FILE.code());
    }

    @Test
    void namesThatWouldPaintTheTerminal() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        edit(ModelIndex.FILE, "\"lm_head.weight\"", "\"\\u001b[31mred\"");
        assertThat(ModelFolder.open(folder).findings())
                .extracting(Finding::message)
                .anyMatch(message -> message.contains("red"))
                .noneMatch(message -> message.contains("\u001b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "\"4\"", "4.5", "99999999999", "null"})
    void anImpossibleLayerCount(String layers) throws IOException {
        TinyModels.llama().write(folder);
        edit("config.json", "\"num_hidden_layers\": 4", "\"num_hidden_layers\": " + layers);
        assertThat(codes()).contains(FolderFault.CONFIG_VALUE.code());
    }

    @Test
    void sizesThatWouldDescribeEndlessTensors() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("model.safetensors"));
        edit("config.json", "\"hidden_size\": 16", "\"hidden_size\": 999999999999");
        edit("config.json", "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 2000000000");
        assertThat(codes())
                .containsExactly(
                        FolderFault.WEIGHTS_ABSENT.code(),
                        FolderFault.CONFIG_VALUE.code(),
                        FolderFault.CONFIG_VALUE.code());
    }

    @Test
    void onlyPickledWeights() throws IOException {
        TinyModels.llama().write(folder);
        Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
        Finding finding = only();
        assertThat(finding.code()).isEqualTo(FolderFault.OTHER_WEIGHTS.code());
        assertThat(finding.message()).contains("`pytorch_model.bin`");
    }

    @Test
    void anAdapter() throws IOException {
        Files.createDirectory(folder);
        Files.writeString(folder.resolve("adapter_config.json"), "{}");
        assertThat(codes()).containsExactly(FolderFault.ADAPTER.code());
    }

    @Test
    void aShardThatIsNotThere() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        Files.delete(folder.resolve(SHARD_2));
        Finding finding = only();
        assertThat(finding.code()).isEqualTo(FolderFault.SHARD_MISSING.code());
        assertThat(finding.message()).contains("1 of 2", SHARD_2);
        ModelFolder read = ModelFolder.open(folder);
        assertThat(read.weightsPresent()).isFalse();
        assertThat(read.tensors()).as("shapes of all, for further checks").hasSize(4 * 9 + 3);
    }

    @Test
    void aTruncatedShardAndAnLfsPointerAtOnce() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        byte[] whole = Files.readAllBytes(folder.resolve(SHARD_1));
        Files.write(folder.resolve(SHARD_1), java.util.Arrays.copyOf(whole, whole.length - 1));
        Files.writeString(
                folder.resolve(SHARD_2),
                "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 123\n");
        assertThat(codes()).containsExactly(Fault.TRUNCATED.code(), Fault.LFS_POINTER.code());
        assertThat(ModelFolder.open(folder).findings())
                .extracting(Finding::file)
                .containsExactly(folder.resolve(SHARD_1), folder.resolve(SHARD_2));
    }

    @Test
    void anIndexThatPromisesWhatAShardHasNot() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        edit(ModelIndex.FILE, "\"lm_head.weight\": ", "\"lm_foot.weight\": ");
        assertThat(codes())
                .containsExactly(FolderFault.NOT_IN_INDEX.code(), FolderFault.NOT_IN_SHARD.code());
    }

    @Test
    void theSameTensorInTwoShards() throws IOException {
        TinyModels.Llama model = TinyModels.llama().shards(2);
        model.write(folder);
        TensorSpec norm = model.tensors().getLast();
        SafetensorsWriter.write(
                folder.resolve("model-00003-of-00002.safetensors"),
                List.of(norm),
                List.of(model.values(norm)));
        edit(
                ModelIndex.FILE,
                "\"weight_map\": {",
                "\"weight_map\": {\"x\": \"model-00003-of-00002.safetensors\",");
        assertThat(codes())
                .contains(FolderFault.IN_TWO_SHARDS.code(), FolderFault.NOT_IN_SHARD.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../other.safetensors",
                "/etc/passwd",
                "a/../../b",
                "",
                ".",
                "..",
                "a\\u0000b"
            })
    void anIndexThatLeavesTheFolder(String file) throws IOException {
        TinyModels.llama().shards(2).write(folder);
        edit(ModelIndex.FILE, SHARD_1, file);
        assertThat(codes()).containsExactly(FolderFault.LEAVES_FOLDER.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"weight_map\": []}",
                "{\"weight_map\": {\"a\": 1}}",
                "{\"weight_map\": {\"a\": \"b\", \"a\": \"c\"}}"
            })
    void anIndexThatIsNone(String text) throws IOException {
        TinyModels.llama().shards(2).write(folder);
        Files.writeString(folder.resolve(ModelIndex.FILE), text);
        assertThat(codes()).containsExactly(FolderFault.INDEX_UNREADABLE.code());
    }

    @Test
    void bothASingleFileAndAnIndex() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        TinyModels.llama().seed(9).write(folder);
        assertThat(codes()).containsExactly(FolderFault.TWO_SETS.code());
        assertThat(ModelFolder.open(folder).files()).hasSize(2);
    }

    @Test
    void shardsWithoutAnIndexAreReadAndCounted() throws IOException {
        TinyModels.llama().shards(2).write(folder);
        Files.delete(folder.resolve(ModelIndex.FILE));
        assertThat(codes()).containsExactly(FolderFault.NO_INDEX.code());
        assertThat(ModelFolder.open(folder).weightsPresent()).isTrue();
        Files.delete(folder.resolve(SHARD_1));
        assertThat(codes()).contains(FolderFault.SHARD_MISSING.code());
    }

    @Test
    void quantisedByConfigurationTypeOrName() throws IOException {
        TinyModels.llama().write(folder);
        edit(
                "config.json",
                "\"hidden_size\"",
                "\"quantization_config\": {\"quant_method\": \"gptq\"}, \"hidden_size\"");
        assertThat(only().message()).contains("gptq");

        folder = parent.resolve("int8");
        TinyModels.llama().dtype(DType.I8).write(folder);
        assertThat(only().code()).isEqualTo(FolderFault.QUANTISED.code());

        folder = parent.resolve("index");
        TinyModels.llama().shards(2).write(folder);
        Files.delete(folder.resolve(SHARD_1));
        Files.delete(folder.resolve(SHARD_2));
        edit(
                ModelIndex.FILE,
                "\"lm_head.weight\"",
                "\"lm_head.weight_scale\": \"x\", \"lm_head.weight\"");
        assertThat(codes())
                .containsExactly(FolderFault.WEIGHTS_ABSENT.code(), FolderFault.QUANTISED.code());
    }

    @Test
    void fewerOrMoreLayersThanTheConfigurationSays() throws IOException {
        TinyModels.llama().write(folder);
        edit("config.json", "\"num_hidden_layers\": 4", "\"num_hidden_layers\": 6");
        assertThat(codes()).containsExactly(FolderFault.LAYERS_DIFFER.code());
        assertThat(only().message()).contains("model.layers.4", "model.layers.5");
        edit("config.json", "\"num_hidden_layers\": 6", "\"num_hidden_layers\": 3");
        assertThat(codes()).containsExactly(FolderFault.LAYERS_BEYOND.code());
    }

    @Test
    void aTensorThatEveryLlamaHasIsMissing() throws IOException {
        TinyModels.Llama model = TinyModels.llama();
        model.write(folder);
        List<TensorSpec> some =
                model.tensors().stream()
                        .filter(t -> !t.name().equals("model.norm.weight"))
                        .toList();
        SafetensorsWriter.write(
                folder.resolve("model.safetensors"),
                some,
                some.stream().map(model::values).toList());
        assertThat(codes()).containsExactly(FolderFault.TENSOR_MISSING.code());
        assertThat(only().message()).contains("model.norm.weight");
    }

    @Test
    void anUntiedConfigurationWithoutAHead() throws IOException {
        TinyModels.llama().tied(true).write(folder);
        edit("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        assertThat(only().message()).contains("lm_head.weight");
    }

    @Test
    void aTiedModelMayStoreItsMatrixAsHead() throws IOException {
        TinyModels.Llama model = TinyModels.llama();
        model.write(folder);
        edit("config.json", "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
        List<TensorSpec> some =
                model.tensors().stream().filter(t -> !t.name().contains("embed")).toList();
        SafetensorsWriter.write(
                folder.resolve("model.safetensors"),
                some,
                some.stream().map(model::values).toList());
        assertThat(codes()).isEmpty();
    }

    @Test
    void biasesThatTheConfigurationPromisesAreWarnedAbout() throws IOException {
        TinyModels.llama().write(folder);
        edit("config.json", "\"hidden_size\"", "\"attention_bias\": true, \"hidden_size\"");
        assertThat(codes()).containsExactly(FolderFault.CLAIM_UNKEPT.code());
        assertThat(ModelFolder.open(folder).hasErrors()).isFalse();
    }

    @Test
    void shapesThatTheConfigurationDoesNotImply() throws IOException {
        TinyModels.llama().write(folder);
        edit("config.json", "\"vocab_size\": 32", "\"vocab_size\": 33");
        assertThat(codes()).containsExactly(FolderFault.SHAPE_DIFFERS.code());
        assertThat(only().message()).contains("[32, 16] instead of [33, 16]");
    }

    @Test
    void anUnlistedArchitectureWithoutWeights() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("model.safetensors"));
        edit("config.json", "LlamaForCausalLM", "FooForCausalLM");
        assertThat(codes())
                .containsExactly(
                        FolderFault.WEIGHTS_ABSENT.code(), FolderFault.SHAPE_UNKNOWN.code());
    }

    @Test
    void noDtypeAndNoWeights() throws IOException {
        TinyModels.llama().write(folder);
        Files.delete(folder.resolve("model.safetensors"));
        edit("config.json", "\"torch_dtype\"", "\"x\"");
        assertThat(codes())
                .containsExactly(
                        FolderFault.WEIGHTS_ABSENT.code(), FolderFault.DTYPE_UNKNOWN.code());
    }

    @Test
    void linksAsInTheHubsCacheAreNoFault() throws IOException {
        Path blobs = TinyModels.llama().shards(2).write(parent.resolve("blobs"));
        Files.createDirectory(folder);
        for (String name : List.of("config.json", ModelIndex.FILE, SHARD_1, SHARD_2)) {
            Files.createSymbolicLink(folder.resolve(name), Path.of("..", "blobs", name));
        }
        assertThat(codes()).isEmpty();
        Files.delete(blobs.resolve(SHARD_2));
        assertThat(codes()).containsExactly(FolderFault.SHARD_MISSING.code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "model.safetensors"})
    void aSingleFileThatIsALinkToNothingIsAbsent(String target) throws IOException {
        TinyModels.llama().write(folder);
        Path weights = folder.resolve("model.safetensors");
        Files.delete(weights);
        Files.createSymbolicLink(weights, Path.of(target));
        assertThat(codes()).containsExactly(FolderFault.WEIGHTS_ABSENT.code());
        assertThat(ModelFolder.open(folder).weightsPresent()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(FolderFault.class)
    void everyFaultHasACodeAMeaningAndAFix(FolderFault fault) {
        assertThat(fault.code()).matches("(FMT|STO)-0\\d\\d");
        assertThat(fault.meaning()).endsWith(".");
        assertThat(fault.fix()).isNotBlank();
        assertThat(FolderFault.values()).filteredOn(f -> f.code().equals(fault.code())).hasSize(1);
        assertThat(Fault.values()).noneMatch(f -> f.code().equals(fault.code()));
    }

    private List<String> codes() {
        return ModelFolder.open(folder).findings().stream().map(Finding::code).toList();
    }

    private Finding only() {
        List<Finding> findings = ModelFolder.open(folder).findings();
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    private void edit(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replace(from, to));
    }
}
