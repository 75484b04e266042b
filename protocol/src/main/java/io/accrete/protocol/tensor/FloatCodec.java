package io.accrete.protocol.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads and writes floating-point elements as they lie in a file: little-endian, rounded to nearest
 * even. For checks and small tensors; a merge computes elsewhere.
 */
public enum FloatCodec {
    F16,
    BF16,
    F32,
    F64;

    /**
     * @throws IllegalArgumentException if the type is not {@link DType#isFloating() floating}
     */
    public static FloatCodec of(DType dtype) {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(dtype + " is moved as opaque bytes, never decoded");
        }
        return valueOf(dtype.name());
    }

    /** The element at that index; exact. */
    public double get(ByteBuffer elements, int index) {
        ByteBuffer little = little(elements);
        return switch (this) {
            case F16 -> Float.float16ToFloat(little.getShort(2 * index));
            case BF16 -> Float.intBitsToFloat(little.getShort(2 * index) << 16);
            case F32 -> little.getFloat(4 * index);
            case F64 -> little.getDouble(8 * index);
        };
    }

    /** Rounds to float first where the type is narrower, as the frameworks do. */
    public void put(ByteBuffer elements, int index, double value) {
        ByteBuffer little = little(elements);
        switch (this) {
            case F16 -> little.putShort(2 * index, Float.floatToFloat16((float) value));
            case BF16 -> little.putShort(2 * index, bfloat16((float) value));
            case F32 -> little.putFloat(4 * index, (float) value);
            case F64 -> little.putDouble(8 * index, value);
        }
    }

    private static ByteBuffer little(ByteBuffer elements) {
        return elements.order() == ByteOrder.LITTLE_ENDIAN
                ? elements
                : elements.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static short bfloat16(float value) {
        if (Float.isNaN(value)) {
            return (short) 0x7fc0;
        }
        int bits = Float.floatToRawIntBits(value);
        int roundToEven = 0x7fff + ((bits >>> 16) & 1);
        return (short) ((bits + roundToEven) >>> 16);
    }
}
