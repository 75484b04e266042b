package io.accrete.worker.merge;

import io.accrete.worker.tensor.MergeArithmetic;

import java.util.ArrayList;
import java.util.List;

/**
 * A run of elements that is computed in one go.
 *
 * @param first index of its first element in the tensor
 */
record Piece(long first, int elements) {

    /** All of a tensor with this many elements, in order. */
    static List<Piece> of(long elements) {
        List<Piece> pieces = new ArrayList<>();
        for (long at = 0; at < elements; at += MergeArithmetic.PIECE_ELEMENTS) {
            int length = (int) Math.min(MergeArithmetic.PIECE_ELEMENTS, elements - at);
            pieces.add(new Piece(at, length));
        }
        return pieces;
    }
}
