package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

class SafetensorsFileTest {

    @TempDir Path folder;

    @Test
    void findsTheBytesOfEveryTensor() throws IOException {
        TinyModels.Llama model = TinyModels.llama().dtype(DType.BF16);
        Path path = model.write(folder).resolve("model.safetensors");

        SafetensorsFile file = SafetensorsFile.open(path);

        byte[] bytes = Files.readAllBytes(path);
        assertThat(file.header().entries()).hasSameSizeAs(model.tensors());
        for (TensorSpec spec : model.tensors()) {
            SafetensorsHeader.Entry entry = file.header().entry(spec.name()).orElseThrow();
            int from = Math.toIntExact(file.header().offset(entry));
            assertThat(entry.spec()).isEqualTo(spec);
            assertThat(Arrays.copyOfRange(bytes, from, from + (int) entry.bytes()))
                    .isEqualTo(model.values(spec));
        }
        assertThat(file.header().metadata()).containsEntry("format", "pt");
    }

    @Test
    void readsTheHeaderOfASparseFileBeyondTwoGibibytes() throws IOException {
        String json =
                """
                {"big":{"dtype":"F32","shape":[2,1073741824],"data_offsets":[0,8589934592]}}\
                """;
        byte[] header = io.accrete.protocol.fixture.SafetensorsWriter.raw(json, 0);
        Path path = folder.resolve("big.safetensors");
        Files.write(path, header);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(header.length + 8_589_934_592L);
        }

        assertThat(SafetensorsFile.open(path).header().dataBytes()).isEqualTo(8_589_934_592L);
    }

    @Test
    void identityNoticesAnotherHeaderSizeOrTime() throws IOException {
        Path path = TinyModels.llama().write(folder).resolve("model.safetensors");
        Path other = TinyModels.llama().layers(3).write(folder.resolve("b"));
        var before = SafetensorsFile.open(path).identity();

        assertThat(SafetensorsFile.identify(path)).isEqualTo(before);
        assertThat(before.stillIs(SafetensorsFile.identify(other.resolve("model.safetensors"))))
                .isFalse();
        Files.setLastModifiedTime(path, java.nio.file.attribute.FileTime.fromMillis(1));
        assertThat(before.stillIs(SafetensorsFile.identify(path))).isFalse();
    }

    @Test
    void aSymbolicLinkIsReadAsTheFileItLeadsTo() throws IOException {
        Path real = TinyModels.llama().write(folder.resolve("real")).resolve("model.safetensors");
        Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), real);

        assertThat(
                        SafetensorsFile.open(link)
                                .identity()
                                .stillIs(SafetensorsFile.open(real).identity()))
                .isTrue();
    }

    @Test
    void aFolderIsRefusedAndAMissingFileIsSaidToBeMissing() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder))
                .isInstanceOfSatisfying(
                        SafetensorsException.class,
                        e -> assertThat(e.fault()).isEqualTo(Fault.NOT_A_FILE))
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
