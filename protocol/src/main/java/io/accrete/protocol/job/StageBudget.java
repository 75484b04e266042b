package io.accrete.protocol.job;

/**
 * What the stages of a training may count on; 0 leaves it to whoever plans.
 *
 * @param workers how many stages there may be
 * @param memoryBytes that each may need
 * @param flops float32 operations of each in a second
 */
public record StageBudget(int workers, long memoryBytes, double flops) {
    public static final StageBudget ANY = new StageBudget(0, 0, 0);
}
