package io.accrete.worker.nn;

import java.util.Comparator;

/**
 * A place where a parameter is used. One that is tied has several, and its gradient is their sum in
 * this order, whichever stages they are on.
 *
 * @param parameter global name
 * @param site the layer; {@link #EMBEDDING} comes before, {@link #HEAD} after all layers
 */
public record Use(String parameter, int site) implements Comparable<Use> {
    public static final int EMBEDDING = -1;
    public static final int HEAD = Integer.MAX_VALUE;

    private static final Comparator<Use> ORDER =
            Comparator.comparing(Use::parameter).thenComparingInt(Use::site);

    @Override
    public int compareTo(Use other) {
        return ORDER.compare(this, other);
    }
}
