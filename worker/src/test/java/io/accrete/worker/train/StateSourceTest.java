package io.accrete.worker.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

class StateSourceTest {
    @TempDir private Path folder;

    @Test
    void aCheckpointIsMappedNoLongerThanItIsRead() throws IOException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            Tensor value = scope.floats(new float[] {1, 2, 3}, Shape.of(3));
            Path file = folder.toRealPath().resolve("part.safetensors");
            Checkpoint saved;
            try (PartFile part =
                    PartFile.of(file, new TreeMap<>(), new TreeMap<>(Map.of("w", value)))) {
                part.write();
                saved = new Checkpoint(1, folder.toString(), List.of(part.settled()));
            }
            Tensor copy;
            try (StateSource source = new StateSource(Optional.of(saved), arithmetic, scope)) {
                copy = source.value("w").orElseThrow();
                assertThat(isMapped(file)).isTrue();
            }
            assertThat(isMapped(file)).isFalse();
            assertThat(copy.floats()).containsExactly(1, 2, 3);
        }
    }

    private static boolean isMapped(Path file) throws IOException {
        return Files.readString(Path.of("/proc/self/maps")).contains(file.toString());
    }
}
