package io.accrete.protocol.merge;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

/**
 * One tensor of a source, by its place on disk.
 *
 * @param file index into {@link MergePlan#sources()}
 * @param offset of the first byte of its values, from the start of the file
 * @param bytes length of its values
 */
public record SourceTensor(
        int file, String name, DType dtype, Shape shape, long offset, long bytes) {}
