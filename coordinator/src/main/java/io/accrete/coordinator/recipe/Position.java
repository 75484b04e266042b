package io.accrete.coordinator.recipe;

/**
 * A place in a recipe's text.
 *
 * @param file what the recipe is called in messages
 * @param line 1-based
 * @param column 1-based
 * @param snippet that line, without its newline
 */
public record Position(String file, int line, int column, String snippet) {}
