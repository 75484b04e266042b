package io.accrete.coordinator.recipe;

import java.util.Optional;

/**
 * A parameter that a merge method takes.
 *
 * @param fallback what holds where no recipe level says anything; absent for required parameters
 *     and for those that then have no effect
 */
public record MethodParameter(
        String name,
        Type type,
        Scope scope,
        boolean required,
        Optional<Object> fallback,
        Range range) {

    /** What a value is. In a recipe that was read, values have these types. */
    public enum Type {
        /** Held as a {@link Double}. */
        NUMBER("a number"),
        /** Held as a {@link Long}. */
        COUNT("a whole number"),
        /** Held as a {@link Boolean}. */
        FLAG("true or false");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Whose value it is, and so by which tensor name and from which levels it is looked up. */
    public enum Scope {
        /** One value per output tensor, by its name; what a source says is not looked at. */
        SHARED,
        /** One value per input, the base model too, by the name of its tensor. */
        INPUT,
        /** One value per input other than the base model, by the name of its tensor. */
        OTHER_INPUT
    }

    /**
     * Which finite numbers make sense.
     *
     * @param strictly outside is an error; else outside is only unusual
     */
    public record Range(double least, double most, boolean strictly) {
        static final Range ANY =
                new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, true);
        static final Range FRACTION = new Range(0, 1, true);
        static final Range USUAL_FRACTION = new Range(0, 1, false);
        static final Range NOT_NEGATIVE = new Range(0, Double.POSITIVE_INFINITY, true);

        public boolean holds(double value) {
            return value >= least && value <= most;
        }

        String words() {
            if (most == Double.POSITIVE_INFINITY) {
                return least == 0 ? "0 or more" : "any finite number";
            }
            return "from " + plain(least) + " to " + plain(most);
        }

        private static String plain(double bound) {
            return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
        }
    }

    static MethodParameter required(String name, Scope scope) {
        return required(name, scope, Range.ANY);
    }

    static MethodParameter required(String name, Scope scope, Range range) {
        return new MethodParameter(name, Type.NUMBER, scope, true, Optional.empty(), range);
    }

    static MethodParameter number(String name, Scope scope, double fallback, Range range) {
        return new MethodParameter(name, Type.NUMBER, scope, false, Optional.of(fallback), range);
    }

    static MethodParameter count(String name, long fallback, Range range) {
        return new MethodParameter(
                name, Type.COUNT, Scope.SHARED, false, Optional.of(fallback), range);
    }

    static MethodParameter flag(String name, boolean fallback) {
        return new MethodParameter(
                name, Type.FLAG, Scope.SHARED, false, Optional.of(fallback), Range.ANY);
    }

    /** A number per input that has no effect where it is not given. */
    static MethodParameter optional(String name) {
        return new MethodParameter(
                name, Type.NUMBER, Scope.INPUT, false, Optional.empty(), Range.ANY);
    }
}
