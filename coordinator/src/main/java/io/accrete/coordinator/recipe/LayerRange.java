package io.accrete.coordinator.recipe;

/** Layers {@code start} to {@code end - 1} as written: not yet compared with any model. */
public record LayerRange(int start, int end) {
    public int length() {
        return end - start;
    }
}
