package io.accrete.coordinator.recipe;

/** A value and where it was written. */
public record Located<T>(T value, Position at) {}
