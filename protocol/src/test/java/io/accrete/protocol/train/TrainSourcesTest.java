package io.accrete.protocol.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.ModelSettings;
import io.accrete.protocol.store.FileIdentity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TrainSourcesTest {
    private static final List<FileIdentity> WEIGHTS =
            List.of(new FileIdentity("model.safetensors", 12, 34, "ab"));

    @TempDir private Path folder;

    private TrainSources.Folder planned() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"rope_theta\": 500000}");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        return new TrainSources.Folder("m", WEIGHTS, ModelSettings.digest(folder));
    }

    private boolean stillIs(TrainSources.Folder planned) throws IOException {
        return planned.stillIs(WEIGHTS, ModelSettings.digest(folder));
    }

    @Test
    void itIsItselfAsLongAsNothingIsEdited() throws IOException {
        TrainSources.Folder planned = planned();
        Files.writeString(folder.resolve("README.md"), "of no matter");
        assertThat(stillIs(planned)).isTrue();
        assertThat(planned.stillIs(List.of(), ModelSettings.digest(folder))).isFalse();
    }

    @Test
    void anotherConfigurationOrTokenizerIsAnotherModel() throws IOException {
        TrainSources.Folder planned = planned();
        Files.writeString(folder.resolve("config.json"), "{\"rope_theta\": 10000}");
        assertThat(stillIs(planned)).isFalse();
        assertThat(stillIs(planned())).isTrue();
        Files.delete(folder.resolve("tokenizer.json"));
        assertThat(stillIs(planned)).isFalse();
    }

    /** As plans were written before that was known. */
    @Test
    void withoutADigestOnlyTheWeightsCount() throws IOException {
        TrainSources.Folder planned = new TrainSources.Folder("m", WEIGHTS, null);
        Files.writeString(folder.resolve("config.json"), "{}");
        assertThat(stillIs(planned)).isTrue();
    }
}
