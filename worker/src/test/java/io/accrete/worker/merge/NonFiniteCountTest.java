package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.FloatCodec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

class NonFiniteCountTest {
    private static final int ELEMENTS = 1021;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16", "F32", "F64"})
    void largestValuesAreFinite(DType dtype) {
        ByteBuffer values = filled(dtype);
        FloatCodec codec = FloatCodec.of(dtype);
        double largest =
                switch (codec) {
                    case F16 -> 65504;
                    case BF16 -> Float.intBitsToFloat(0x7f7f0000);
                    case F32 -> Float.MAX_VALUE;
                    case F64 -> Double.MAX_VALUE;
                };
        codec.put(values, 3, largest);
        codec.put(values, 4, -largest);

        assertThat(count(values, dtype)).isEqualTo(NonFiniteCount.NONE);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16", "F32", "F64"})
    void eachKindIsCountedWhereverItStands(DType dtype) {
        for (int at = 0; at < ELEMENTS - 10; at += 17) {
            ByteBuffer values = filled(dtype);
            FloatCodec codec = FloatCodec.of(dtype);
            codec.put(values, at, Double.NaN);
            codec.put(values, at + 5, Double.NEGATIVE_INFINITY);
            codec.put(values, ELEMENTS - 1, Double.POSITIVE_INFINITY);

            assertThat(count(values, dtype)).isEqualTo(new NonFiniteCount(1, 2));
        }
    }

    @Test
    void otherTypesHaveNone() {
        ByteBuffer ones = ByteBuffer.allocate(64);
        while (ones.hasRemaining()) {
            ones.put((byte) -1);
        }

        assertThat(count(ones.flip(), DType.I64)).isEqualTo(NonFiniteCount.NONE);
    }

    private static NonFiniteCount count(ByteBuffer values, DType dtype) {
        return NonFiniteCount.in(MemorySegment.ofBuffer(values), dtype);
    }

    private static ByteBuffer filled(DType dtype) {
        ByteBuffer values =
                ByteBuffer.allocate(ELEMENTS * dtype.bits() / Byte.SIZE)
                        .order(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(1);
        for (int i = 0; i < ELEMENTS; i++) {
            FloatCodec.of(dtype).put(values, i, random.nextGaussian());
        }
        return values;
    }
}
