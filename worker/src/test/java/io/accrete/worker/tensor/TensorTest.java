package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

class TensorTest {
    /** As those of an embedding beyond 2 GiB, which no buffer holds at once. */
    @Test
    void bytesInPiecesAreThoseOfTheWholeInTheirOrder() throws IOException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        List<Float> values = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            Tensor matrix = scope.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, Shape.of(4, 2));
            Tensor halves = arithmetic.cast(matrix, DType.BF16, scope);
            int before = scope.tensors();
            matrix.pieces(
                    13,
                    bytes -> {
                        sizes.add(bytes.remaining());
                        while (bytes.hasRemaining()) {
                            values.add(bytes.getFloat());
                        }
                    });
            halves.pieces(13, bytes -> sizes.add(bytes.remaining()));
            assertThat(scope.tensors()).isEqualTo(before);
        }
        assertThat(values).containsExactly(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
        assertThat(sizes).containsExactly(12, 12, 8, 12, 4);
    }
}
