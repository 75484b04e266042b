package io.accrete.worker.tensor;

/**
 * Inner products of two tensors, or of pieces of them: what is needed to know the angle between.
 *
 * @param xx sum of squares of the first
 * @param yy sum of squares of the second
 * @param xy sum of the products of both
 */
public record Products(double xx, double yy, double xy) {
    public static final Products NONE = new Products(0, 0, 0);

    public Products plus(Products other) {
        return new Products(xx + other.xx, yy + other.yy, xy + other.xy);
    }
}
