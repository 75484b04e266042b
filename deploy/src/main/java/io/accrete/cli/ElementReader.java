package io.accrete.cli;

import io.accrete.protocol.tensor.DType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Elements of a tensor as numbers that can be compared. */
final class ElementReader {
    private ElementReader() {}

    /** Whether elements of this type are whole bytes with a value as a number. */
    static boolean reads(DType dtype) {
        return switch (dtype) {
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> true;
            case F16, BF16, F32, F64, F8_E5M2, F8_E4M3 -> true;
            case F4, F6_E2M3, F6_E3M2, C64 -> false;
            case F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ -> false;
        };
    }

    /** Reads {@code count} elements from the start of the buffer, whose order does not matter. */
    static void read(DType dtype, ByteBuffer bytes, int count, double[] into) {
        ByteBuffer b = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            into[i] =
                    switch (dtype) {
                        case F64 -> b.getDouble(i * 8);
                        case F32 -> b.getFloat(i * 4);
                        case F16 -> Float.float16ToFloat(b.getShort(i * 2));
                        case BF16 -> Float.intBitsToFloat(b.getShort(i * 2) << 16);
                        case F8_E5M2 -> Float.float16ToFloat((short) (b.get(i) << 8));
                        case F8_E4M3 -> e4m3(b.get(i));
                        case BOOL, U8 -> Byte.toUnsignedInt(b.get(i));
                        case I8 -> b.get(i);
                        case I16 -> b.getShort(i * 2);
                        case U16 -> Short.toUnsignedInt(b.getShort(i * 2));
                        case I32 -> b.getInt(i * 4);
                        case U32 -> Integer.toUnsignedLong(b.getInt(i * 4));
                        case I64 -> b.getLong(i * 8);
                        case U64 -> unsigned(b.getLong(i * 8));
                        case F4, F6_E2M3, F6_E3M2, C64, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ ->
                                throw new IllegalArgumentException(dtype + " has no single number");
                    };
        }
    }

    /** The variant without infinities: 4 bits of exponent, bias 7, and one NaN of each sign. */
    private static double e4m3(byte bits) {
        int magnitude = bits & 0x7f;
        if (magnitude == 0x7f) {
            return Double.NaN;
        }
        int exponent = magnitude >> 3;
        int mantissa = magnitude & 7;
        double value =
                exponent == 0
                        ? Math.scalb((double) mantissa, -9)
                        : Math.scalb(8.0 + mantissa, exponent - 10);
        return bits < 0 ? -value : value;
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : (bits >>> 1) * 2.0 + (bits & 1);
    }
}
