package io.accrete.protocol.tensor;

/** What a tensor is, without its values: name, element type, shape. */
public record TensorSpec(String name, DType dtype, Shape shape) {
    /**
     * Bytes that the values take.
     *
     * @throws ArithmeticException if the size overflows, or the elements do not fill whole bytes
     */
    public long bytes() {
        long bits = Math.multiplyExact(shape.elements(), (long) dtype.bits());
        if (bits % Byte.SIZE != 0) {
            throw new ArithmeticException(
                    "`%s`: %d elements of %d bits do not fill whole bytes"
                            .formatted(name, shape.elements(), dtype.bits()));
        }
        return bits / Byte.SIZE;
    }
}
