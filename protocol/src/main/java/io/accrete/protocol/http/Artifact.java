package io.accrete.protocol.http;

/**
 * A file of what a job published.
 *
 * @param name relative to the output
 */
public record Artifact(String name, long bytes) {}
