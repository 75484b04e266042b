package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.FloatCodec;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

class MergeArithmeticTest {
    private static final int ELEMENTS = 1037;

    private final MergeArithmetic arithmetic = MergeArithmetic.open();
    private final Random random = new Random(7);

    @AfterEach
    void close() {
        arithmetic.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16", "F32"})
    void scalingRoundsOnceFromFloat32(DType dtype) {
        TensorBuffer x = filled(dtype);
        TensorBuffer y = arithmetic.buffer(dtype);

        arithmetic.scale(x, ELEMENTS, Optional.empty(), 0.3, dtype, y);

        for (int i = 0; i < ELEMENTS; i++) {
            assertThat(get(y, i)).isEqualTo(rounded((float) get(x, i) * 0.3f, dtype));
        }
    }

    @Test
    void scalingByZeroKeepsTheSign() {
        TensorBuffer x = filled(DType.F32);
        put(x, 0, -1.5);
        TensorBuffer y = arithmetic.buffer(DType.F32);

        arithmetic.scale(x, ELEMENTS, Optional.empty(), 0, DType.F32, y);

        assertThat(1 / get(y, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void float64StaysFloat64() {
        TensorBuffer x = filled(DType.F64);
        TensorBuffer y = arithmetic.buffer(DType.F64);

        arithmetic.scale(x, ELEMENTS, Optional.empty(), 0.3, DType.F64, y);

        assertThat(get(y, 5)).isEqualTo(get(x, 5) * 0.3);
    }

    @Test
    void valuesPassTheInputAndTheResultType() {
        TensorBuffer x = filled(DType.F32);
        TensorBuffer y = arithmetic.buffer(DType.F32);

        arithmetic.cast(x, ELEMENTS, Optional.of(DType.F16), DType.BF16, y);

        for (int i = 0; i < ELEMENTS; i++) {
            double expected = rounded(rounded(get(x, i), DType.F16), DType.BF16);
            assertThat(get(y, i)).isEqualTo(expected);
        }
    }

    @Test
    void sumsAreFused() {
        TensorBuffer x = filled(DType.F32);
        TensorBuffer y = filled(DType.F32);
        TensorBuffer sum = arithmetic.buffer(DType.F32);
        TensorBuffer output = arithmetic.buffer(DType.F32);

        arithmetic.accumulate(x, ELEMENTS, Optional.empty(), 0.3, true, sum);
        arithmetic.accumulate(y, ELEMENTS, Optional.empty(), 0.9, false, sum);
        arithmetic.finish(sum, ELEMENTS, Optional.of((double) (0.3f + 0.9f)), DType.F32, output);

        for (int i = 0; i < ELEMENTS; i++) {
            float first = Math.fma((float) get(x, i), 0.3f, 0f);
            float both = Math.fma((float) get(y, i), 0.9f, first);
            assertThat(get(output, i)).isEqualTo(both / (0.3f + 0.9f));
        }
    }

    @Test
    void innerProductsAreSumsOverThePiece() {
        TensorBuffer x = filled(DType.BF16);
        TensorBuffer y = filled(DType.BF16);
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            xx += get(x, i) * get(x, i);
            yy += get(y, i) * get(y, i);
            xy += get(x, i) * get(y, i);
        }

        Products products = arithmetic.products(x, y, ELEMENTS, Optional.empty(), DType.BF16);

        assertThat(products.xx()).isCloseTo(xx, within(xx));
        assertThat(products.yy()).isCloseTo(yy, within(yy));
        assertThat(products.xy()).isCloseTo(xy, within(xx));
    }

    @Test
    void combinationsLeaveTheirInputsAlone() {
        TensorBuffer x = filled(DType.F32);
        TensorBuffer y = filled(DType.F32);
        TensorBuffer output = arithmetic.buffer(DType.F32);
        double before = get(x, 9);

        Coefficients half = new Coefficients(0.5, 0.25);
        arithmetic.combine(x, y, ELEMENTS, Optional.empty(), half, DType.F32, output);

        assertThat(get(x, 9)).isEqualTo(before);
        assertThat(get(output, 9))
                .isEqualTo((float) (0.5f * get(x, 9)) + (float) (0.25f * get(y, 9)));
    }

    @Test
    void anotherThreadIsRefused() {
        assertThatThrownBy(
                        () -> CompletableFuture.runAsync(() -> arithmetic.buffer(DType.F32)).join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("opened by thread");
    }

    @Test
    void typesThatAreOnlyMovedAreRefused() {
        assertThatThrownBy(() -> arithmetic.buffer(DType.I8)).hasMessageContaining("I8 is moved");
    }

    @Test
    void thousandsOfPiecesTakeNoMoreNativeMemoryThanOne() throws IOException {
        TensorBuffer x = filled(DType.BF16);
        TensorBuffer sum = arithmetic.buffer(DType.F32);
        TensorBuffer output = arithmetic.buffer(DType.BF16);
        int elements = MergeArithmetic.PIECE_ELEMENTS;
        everyCalculation(x, sum, output, elements);
        int arrays = arithmetic.arrays();
        long resident = residentBytes();

        for (int i = 0; i < 2000; i++) {
            everyCalculation(x, sum, output, i % 10 == 0 ? elements : 100);
        }

        assertThat(arithmetic.arrays()).isEqualTo(arrays);
        // Each leaked piece would be 1 MB or more.
        assertThat(residentBytes() - resident).isLessThan(100L << 20);
    }

    private void everyCalculation(
            TensorBuffer x, TensorBuffer sum, TensorBuffer output, int elements) {
        Optional<DType> input = Optional.of(DType.F16);
        arithmetic.accumulate(x, elements, input, 0.5, true, sum);
        arithmetic.finish(sum, elements, Optional.of(2.0), DType.BF16, output);
        arithmetic.scale(x, elements, input, 0.5, DType.BF16, output);
        arithmetic.cast(x, elements, input, DType.BF16, output);
        arithmetic.products(x, output, elements, input, DType.BF16);
        Coefficients half = new Coefficients(0.5, 0.5);
        arithmetic.combine(x, output, elements, input, half, DType.BF16, output);
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    private TensorBuffer filled(DType dtype) {
        TensorBuffer buffer = arithmetic.buffer(dtype);
        for (int i = 0; i < ELEMENTS; i++) {
            put(buffer, i, random.nextGaussian());
        }
        return buffer;
    }

    private static Offset<Double> within(double size) {
        return Offset.offset(size * 1e-5);
    }

    private static double get(TensorBuffer buffer, int index) {
        return FloatCodec.of(buffer.dtype()).get(buffer.bytes(), index);
    }

    private static void put(TensorBuffer buffer, int index, double value) {
        FloatCodec.of(buffer.dtype()).put(buffer.bytes(), index, value);
    }

    private static double rounded(double value, DType dtype) {
        ByteBuffer one = ByteBuffer.allocate(8);
        FloatCodec.of(dtype).put(one, 0, value);
        return FloatCodec.of(dtype).get(one, 0);
    }
}
