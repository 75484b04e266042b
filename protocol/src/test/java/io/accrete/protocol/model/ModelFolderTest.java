package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ModelFolderTest {

    @TempDir Path folder;

    @Test
    void readsASingleFile() throws IOException {
        TinyModels.Llama model = TinyModels.llama().dtype(DType.F16);

        ModelFolder read = ModelFolder.open(model.write(folder));

        assertThat(read.findings()).isEmpty();
        assertThat(read.weightsPresent()).isTrue();
        assertThat(read.tensors().values().stream().map(TensorLocation::spec))
                .containsExactlyElementsOf(model.tensors());
        assertThat(read.bytes())
                .isEqualTo(model.tensors().stream().mapToLong(TensorSpec::bytes).sum());
    }

    @Test
    void readsShardsThroughTheIndex() throws IOException {
        ModelFolder read = ModelFolder.open(TinyModels.llama().shards(3).write(folder));

        assertThat(read.findings()).isEmpty();
        assertThat(read.files())
                .extracting(WeightFile::name)
                .containsExactly(
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors");
        for (TensorLocation tensor : read.tensors().values()) {
            var file = read.files().get(tensor.file()).content().orElseThrow();
            var entry = file.header().entry(tensor.spec().name()).orElseThrow();
            assertThat(tensor.offset()).isEqualTo(file.header().offset(entry));
        }
    }

    @Test
    void withoutWeightsShapesFollowFromTheArchitecture() throws IOException {
        TinyModels.Llama model = TinyModels.llama().dtype(DType.BF16).shards(2);
        model.write(folder);
        Files.delete(folder.resolve("model-00001-of-00002.safetensors"));
        Files.delete(folder.resolve("model-00002-of-00002.safetensors"));

        ModelFolder read = ModelFolder.open(folder);

        assertThat(read.weightsPresent()).isFalse();
        assertThat(read.findings())
                .extracting(Finding::code)
                .containsExactly(FolderFault.WEIGHTS_ABSENT.code());
        assertThat(read.hasErrors()).isFalse();
        assertThat(read.tensors().values().stream().map(TensorLocation::spec))
                .containsExactlyElementsOf(model.tensors());
    }

    @Test
    void aConfigurationAloneIsEnoughForAListedArchitecture() throws IOException {
        TinyModels.Llama model = TinyModels.llama().tied(true);
        model.write(folder);
        Files.delete(folder.resolve("model.safetensors"));

        ModelFolder read = ModelFolder.open(folder);

        assertThat(read.findings())
                .extracting(Finding::code)
                .containsExactly(FolderFault.WEIGHTS_ABSENT.code());
        assertThat(read.tensors().values().stream().map(TensorLocation::spec))
                .containsExactlyElementsOf(model.tensors());
    }
}
