package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Frequencies that depend on the length of a sequence depend on what is there of it. */
class DynamicRopeTest {
    private static final int ORIGINAL = 4;

    @TempDir private Path folder;

    @Test
    void aContinuationDoesNotDependOnHowLongItMayBecome() throws IOException {
        assertThat(continued(9)).isEqualTo(continued(40));
    }

    /** Logits of each step, first within the length that the model was trained on. */
    private List<FloatBuffer> continued(int most) throws IOException {
        TinyModels.llama().write(folder);
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace(
                                "\"rope_theta\"",
                                "\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0,"
                                        + " \"original_max_position_embeddings\": "
                                        + ORIGINAL
                                        + "}, \"rope_theta\""));
        ModelFolder model = ModelFolder.open(folder);
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        List<FloatBuffer> logits = new ArrayList<>();
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            LayerStack stack =
                    new LayerStack(
                            LlamaConfig.of(model),
                            new FolderWeights(model, arithmetic, scope),
                            arithmetic,
                            DType.F32,
                            scope);
            try (LayerStack.KeyValueCache cache = stack.cache(scope)) {
                long[] unseen = {1, 2, 3};
                for (long next = 4; next < 10; next++) {
                    logits.add(FloatBuffer.wrap(stack.next(unseen, most, cache, scope).floats()));
                    unseen = new long[] {next};
                }
            }
        }
        return logits;
    }
}
