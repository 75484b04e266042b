package io.accrete.coordinator.plan;

import java.util.OptionalLong;

/**
 * How many rows of an embedding are taken.
 *
 * @param rows that every model gives; absent: all that it has
 * @param cut inputs that differ are cut to the smallest
 */
record VocabularyRule(OptionalLong rows, boolean cut) {
    static final VocabularyRule AS_IT_IS = new VocabularyRule(OptionalLong.empty(), false);
}
