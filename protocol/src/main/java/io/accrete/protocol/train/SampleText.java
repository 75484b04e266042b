package io.accrete.protocol.train;

/**
 * How a model goes on.
 *
 * @param prompt the beginning
 * @param text what it adds
 */
public record SampleText(String prompt, String text) {}
