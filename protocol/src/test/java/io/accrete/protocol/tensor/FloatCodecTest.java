package io.accrete.protocol.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;

class FloatCodecTest {

    @ParameterizedTest
    @EnumSource(FloatCodec.class)
    void valuesOfAllTypesSurvive(FloatCodec codec) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * 8);
        double[] values = {0, -0.0, 1, -1.5, 0.0078125, Double.NEGATIVE_INFINITY, Double.NaN, 240};
        for (int i = 0; i < values.length; i++) {
            codec.put(bytes, i, values[i]);
        }
        for (int i = 0; i < values.length; i++) {
            assertThat(codec.get(bytes, i)).isEqualTo(Double.valueOf(values[i]));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BF16, 1.00390625, 1.0", // halfway: to the even neighbour
        "BF16, 1.01171875, 1.015625",
        "BF16, 1.003907, 1.0078125",
        "BF16, 3.4e38, Infinity",
        "F16, 2049, 2048",
        "F16, 2051, 2052",
        "F16, 65520, Infinity",
        "F32, 16777217, 16777216"
    })
    void roundsToNearestEven(FloatCodec codec, double value, double rounded) {
        ByteBuffer bytes = ByteBuffer.allocate(8);
        codec.put(bytes, 0, value);
        assertThat(codec.get(bytes, 0)).isEqualTo(rounded);
    }

    @Test
    void isLittleEndian() {
        ByteBuffer bytes = ByteBuffer.allocate(2);
        FloatCodec.BF16.put(bytes, 0, 1.0);
        assertThat(bytes.array()).containsExactly(0x80, 0x3f);
    }

    @Test
    void knowsOnlyFloatingTypes() {
        assertThat(FloatCodec.of(DType.F16)).isEqualTo(FloatCodec.F16);
        assertThatThrownBy(() -> FloatCodec.of(DType.F8_E4M3))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
