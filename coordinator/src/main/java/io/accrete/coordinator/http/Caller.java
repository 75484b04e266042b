package io.accrete.coordinator.http;

/**
 * Who asks.
 *
 * @param name of the token, for logs
 */
record Caller(String name, Role role) {}
