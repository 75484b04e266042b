package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Configurations, indices and files that real people published. */
class RealModelsTest {

    @ParameterizedTest
    @CsvSource({
        "gemma-2b, 164, 5012344832",
        "llama-1-7b, 323, 13476839424",
        "llama-2-70b-lzlv, 723, 137953296384",
        "llama-3-70b-instruct-reflection, 723, 282215219200",
        "llama-3.1-8b-modelstock, 291, 16060522496",
        "mistral-7b-v0.2, 291, 14483464192",
        "mixtral-8x22b-wizardlm2, 1739, 281241268224"
    })
    void sizesWithoutWeightsAreThoseOfTheIndex(String name, int tensors, long bytes) {
        ModelFolder model = ModelFolder.open(folder("ACCRETE_DATA", "model-meta/" + name));

        assertThat(model.findings())
                .extracting(Finding::code)
                .containsExactly(FolderFault.WEIGHTS_ABSENT.code());
        assertThat(model.tensors()).hasSize(tensors);
        assertThat(model.bytes()).isEqualTo(bytes);
    }

    @Test
    void theModelBehindTheLargestRecipeIsDescribedWhole() {
        ModelFolder model =
                ModelFolder.open(
                        folder("ACCRETE_DATA", "model-meta/llama-3-70b-instruct-reflection"));

        assertThat(model.parameters()).isEqualTo(70_553_804_800L);
        assertThat(model.files()).hasSize(162);
        assertThat(model.tensors().values())
                .allSatisfy(
                        tensor -> {
                            assertThat(tensor.spec().dtype()).isEqualTo(DType.F32);
                            assertThat(tensor.file()).isNotNegative();
                            assertThat(tensor.isPresent()).isFalse();
                        });
    }

    @ParameterizedTest
    @CsvSource({"llama-3.1-8b-int8-bnb", "llama-3.2-1b-finetune"})
    void quantisedModelsAreRefused(String name) {
        ModelFolder model = ModelFolder.open(folder("ACCRETE_DATA", "model-meta/" + name));

        assertThat(model.findings())
                .filteredOn(Finding::isError)
                .isNotEmpty()
                .allMatch(f -> f.code().equals(FolderFault.QUANTISED.code()));
    }

    @Test
    void lfsPointersAreRecognised() throws IOException {
        for (Path pointer : children(folder("ACCRETE_DATA", "malformed/git-lfs-pointers"))) {
            try {
                SafetensorsFile.open(pointer);
                throw new AssertionError(pointer + " was taken for safetensors");
            } catch (SafetensorsException e) {
                assertThat(e.fault()).as(pointer.toString()).isEqualTo(Fault.LFS_POINTER);
            }
        }
    }

    @Test
    void soundGoldenModelsHaveNoFindings() throws IOException {
        for (Path path : children(folder("ACCRETE_GOLDENS", "models"))) {
            String name = path.getFileName().toString();
            if (!name.startsWith("reject-") && !name.contains("lora")) {
                ModelFolder model = ModelFolder.open(path);
                assertThat(model.findings()).as(name).isEmpty();
                assertThat(model.weightsPresent()).as(name).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "reject-bad-header, FMT-005",
        "reject-int8, FMT-036",
        "reject-lfs-pointer, FMT-003",
        "reject-missing-layer, FMT-037",
        "reject-missing-shard, STO-007",
        "reject-no-config, STO-005",
        "reject-truncated, FMT-020",
        "reject-bias, FMT-043",
        "stories260k-lora-r4, STO-012"
    })
    void faultyGoldenModelsHaveOneFinding(String name, String code) {
        ModelFolder model = ModelFolder.open(folder("ACCRETE_GOLDENS", "models/" + name));
        assertThat(model.findings()).extracting(Finding::code).containsExactly(code);
    }

    private static Path folder(String variable, String below) {
        String root = System.getenv(variable);
        assumeTrue(root != null, variable + " names no folder with real material");
        return Path.of(root, below);
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            children.forEach(all::add);
        }
        assertThat(all).isNotEmpty();
        return all;
    }
}
