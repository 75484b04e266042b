package io.accrete.coordinator.yaml;

/** A value and where it was written. */
public record Located<T>(T value, Position at) {}
