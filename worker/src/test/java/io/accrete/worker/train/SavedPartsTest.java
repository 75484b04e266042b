package io.accrete.worker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

class SavedPartsTest {
    /** Enough that the change would be seen in the file: 64 MB. */
    private static final int MANY = 1 << 24;

    private final LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
    @TempDir private Path folder;

    @Test
    void theStateMayChangeOnceItIsRead() throws Exception {
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu());
                SavedParts saved = new SavedParts()) {
            Tensor zeros = arithmetic.zeros(Shape.of(MANY), DType.F32, scope);
            saved.settle(List.of(part("zeros", zeros)));

            saved.awaitRead();
            arithmetic.copy(ones(scope), zeros);

            assertThat(sum(saved, scope)).isZero();
        }
    }

    /** As when a stage is closed while its last state is on its way. */
    @Test
    void theStateMayBeLetGoAtOnce() throws Exception {
        try (SavedParts saved = new SavedParts()) {
            try (TensorScope stage = TensorScope.open(new ComputeDevice.Cpu())) {
                saved.settle(List.of(part("ones", ones(stage))));
            }
            try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
                assertThat(sum(saved, scope)).isEqualTo(MANY);
            }
        }
    }

    @Test
    void whatCannotBeWrittenIsSaidOnceItIsAskedFor() throws Exception {
        Files.createFile(file("twice"));
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu());
                SavedParts saved = new SavedParts()) {
            saved.settle(List.of(part("twice", scope.floats(new float[] {1}, Shape.of(1)))));

            saved.awaitRead();

            assertThatThrownBy(saved::await).isInstanceOf(FileAlreadyExistsException.class);
        }
    }

    private Path file(String name) throws IOException {
        return folder.toRealPath().resolve(name);
    }

    private PartFile part(String name, Tensor value) throws IOException {
        return PartFile.of(file(name), new TreeMap<>(), new TreeMap<>(Map.of("w", value)));
    }

    private Tensor ones(TensorScope scope) {
        float[] ones = new float[MANY];
        Arrays.fill(ones, 1);
        return scope.floats(ones, Shape.of(MANY));
    }

    private double sum(SavedParts saved, TensorScope scope) throws Exception {
        Checkpoint checkpoint = new Checkpoint(1, folder.toRealPath().toString(), saved.await());
        try (StateSource source = new StateSource(Optional.of(checkpoint), arithmetic, scope)) {
            double sum = 0;
            for (float value : source.value("w").orElseThrow().floats()) {
                sum += value;
            }
            return sum;
        }
    }
}
