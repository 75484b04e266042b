package io.accrete.protocol.train;

/**
 * A file of a checkpoint: what one stage owns, under names that no cut is in.
 *
 * @param file in the checkpoint's folder
 * @param sha256 of the whole file
 */
public record CheckpointPart(String file, long bytes, String sha256) {}
