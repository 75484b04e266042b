package io.accrete.coordinator.recipe;

/** The merge methods of mergekit 0.1.5 and their parameters. */
public final class MethodTable {
    private MethodTable() {}
}
