package io.accrete.protocol.model;

import java.util.OptionalLong;

/**
 * An extent in terms of a configuration's sizes, e.g. {@code q+2*kv}: sums of products and
 * quotients of numbers and the names that {@link #size} knows.
 */
record SizeFormula(String text) {

    /** The extent, if the configuration says all that it takes; never negative. */
    OptionalLong in(ModelConfig config) {
        long sum = 0;
        for (String term : text.split("\\+", -1)) {
            OptionalLong value = product(term, config);
            if (value.isEmpty()) {
                return value;
            }
            sum = Math.addExact(sum, value.getAsLong());
        }
        return OptionalLong.of(sum);
    }

    private static OptionalLong product(String term, ModelConfig config) {
        long product = 1;
        int start = 0;
        char operator = '*';
        for (int i = 0; i <= term.length(); i++) {
            if (i < term.length() && term.charAt(i) != '*' && term.charAt(i) != '/') {
                continue;
            }
            OptionalLong factor = size(term.substring(start, i), config);
            if (factor.isEmpty() || factor.getAsLong() < 0) {
                return OptionalLong.empty();
            }
            product =
                    operator == '*'
                            ? Math.multiplyExact(product, factor.getAsLong())
                            : product / Math.max(1, factor.getAsLong());
            operator = i < term.length() ? term.charAt(i) : ' ';
            start = i + 1;
        }
        return OptionalLong.of(product);
    }

    private static OptionalLong size(String name, ModelConfig config) {
        return switch (name) {
            case "vocab" -> config.vocab();
            case "hidden" -> config.hidden();
            case "ffn" -> config.ffn();
            case "expert_ffn" -> config.expertFfn();
            case "experts" -> config.experts();
            case "heads" -> config.heads();
            case "kv_heads" -> config.kvHeads();
            case "head_dim" -> config.headDim();
            case "q" -> times(config.heads(), config.headDim());
            case "kv" -> times(config.kvHeads(), config.headDim());
            default -> OptionalLong.of(Long.parseLong(name));
        };
    }

    private static OptionalLong times(OptionalLong a, OptionalLong b) {
        return a.isPresent() && b.isPresent()
                ? OptionalLong.of(Math.multiplyExact(a.getAsLong(), b.getAsLong()))
                : OptionalLong.empty();
    }
}
