package io.accrete.protocol.model;

/**
 * How the frequencies of the rotary position embedding follow from its base.
 *
 * @param theta the base
 */
public record Rope(double theta, Scaling scaling) {

    /** How they are stretched for sequences longer than those of pre-training. */
    public sealed interface Scaling {
        record None() implements Scaling {}

        /** All frequencies divided by a factor. */
        record Linear(double factor) implements Scaling {}

        /**
         * The base grown for sequences beyond {@code original} positions ("NTK-aware").
         *
         * @param original positions up to which nothing changes
         */
        record Dynamic(double factor, double original) implements Scaling {}

        /**
         * Long waves divided by the factor, short ones kept, those between blended (Llama 3.1).
         *
         * @param low wavelengths above {@code original / low} are divided
         * @param high wavelengths below {@code original / high} are kept
         * @param original positions of the pre-training
         */
        record Llama3(double factor, double low, double high, double original) implements Scaling {}
    }
}
