package io.accrete.protocol.train;

/**
 * How a stage spent the passes of a step, which differs from run to run.
 *
 * @param forwardSeconds in forward passes, those of a teacher too, without waits for other stages
 * @param backwardSeconds in backward passes, likewise
 * @param seconds from the begin of the first pass to the end of the last, waits included
 * @param residentBytes of the process that holds the stage; 0 where that cannot be known
 */
public record StageLoad(
        double forwardSeconds, double backwardSeconds, double seconds, long residentBytes) {

    /** The same in a process that has so much in memory. */
    public StageLoad in(long processBytes) {
        return new StageLoad(forwardSeconds, backwardSeconds, seconds, processBytes);
    }

    public double busySeconds() {
        return forwardSeconds + backwardSeconds;
    }
}
