package io.accrete.worker.tensor;

/**
 * The factors of two tensors in a combination of them.
 *
 * @param base factor of the first
 * @param other factor of the second
 */
public record Coefficients(double base, double other) {
    /** At and below this norm a tensor counts as having no direction. */
    private static final double NORM_MIN = 1e-8;

    /** Beyond this cosine the arc is taken for a straight line. */
    private static final double COSINE_MAX = 0.9995;

    /** Spherical interpolation at {@code t}; see {@code TensorOp.Slerp}. */
    public static Coefficients slerp(Products products, double t) {
        double cosine = products.xy() / direction(products.xx()) / direction(products.yy());
        if (Math.abs(cosine) > COSINE_MAX) {
            return new Coefficients(1 - t, t);
        }
        double angle = Math.acos(cosine);
        return new Coefficients(
                Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle));
    }

    private static double direction(double squares) {
        double norm = Math.sqrt(squares);
        return norm > NORM_MIN ? norm : 1;
    }
}
