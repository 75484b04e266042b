package io.accrete.oracle;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How far an element may be from what is expected: so many units in the last place, or a share of
 * the tensor's largest element.
 */
public record Tolerance(double ulps, int significandBits, int exponentMin, double share) {

    /** As a case states it for an element type. */
    public static Tolerance of(JsonNode rules, String dtype) {
        JsonNode rule = rules.path(dtype);
        int bits = dtype.equals("BF16") ? 8 : 11;
        int exponentMin = dtype.equals("BF16") ? -126 : -14;
        return new Tolerance(
                rule.path("ulp").asDouble(0),
                bits,
                exponentMin,
                rule.path("max_rel_to_tensor_max").asDouble(0));
    }

    /** The largest deviation, where 1 is just allowed. */
    public double worst(double[] actual, double[] expected) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double worst = actual.length == expected.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
            double deviation = Math.abs(actual[i] - expected[i]);
            if (deviation != 0) {
                worst = Math.max(worst, deviation / allowed(expected[i], largest));
            }
        }
        return Double.isNaN(worst) ? Double.POSITIVE_INFINITY : worst;
    }

    private double allowed(double expected, double largest) {
        if (ulps == 0) {
            return share * largest;
        }
        int exponent = Math.max(exponentMin, Math.getExponent(expected));
        return ulps * Math.scalb(1.0, exponent - significandBits + 1);
    }
}
