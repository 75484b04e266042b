package io.accrete.protocol.job;

import java.util.Locale;

/** A number of things as a sentence has it: {@code 1 shard}, {@code 12,000 tensors}. */
public final class Quantity {
    private Quantity() {}

    public static String of(long count, String what) {
        return of(count, what, what + "s");
    }

    public static String of(long count, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
    }
}
