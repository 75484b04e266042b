package io.accrete.protocol.wire;

/**
 * Stages that a worker holds with their state when it registers, in the middle of a training. A
 * pool that has not granted them itself may give them to the worker again.
 *
 * @param lease under which it holds them
 * @param planSha256 digest of the plan's file, in hex
 * @param group which of the groups into which the stages were divided
 * @param groups how many those were
 */
public record KeptStages(Epoch lease, String job, String planSha256, int group, int groups) {}
