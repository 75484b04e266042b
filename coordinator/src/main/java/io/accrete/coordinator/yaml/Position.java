package io.accrete.coordinator.yaml;

/**
 * A place in a text.
 *
 * @param file what the text is called in messages
 * @param line 1-based
 * @param column 1-based
 * @param snippet that line, without its newline
 */
public record Position(String file, int line, int column, String snippet) {}
