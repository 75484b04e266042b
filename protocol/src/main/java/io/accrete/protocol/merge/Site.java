package io.accrete.protocol.merge;

/**
 * The lineage of one layer position of the output.
 *
 * @param site layer index in the output
 * @param model the source model, as the recipe names it
 * @param layer layer index in that model
 * @param occurrence 0 for the first site of that source layer, 1 for its first clone, ...
 * @param copies k: how many sites that source layer has
 */
public record Site(int site, String model, int layer, int occurrence, int copies) {}
