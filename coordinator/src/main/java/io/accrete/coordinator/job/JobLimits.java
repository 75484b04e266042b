package io.accrete.coordinator.job;

/**
 * Bounds on how many jobs there are.
 *
 * @param all in one journal, finished ones included
 * @param unfinished of everybody
 * @param unfinishedOfUser of each user
 */
public record JobLimits(int all, int unfinished, int unfinishedOfUser) {}
