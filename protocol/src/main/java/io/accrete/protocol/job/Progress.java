package io.accrete.protocol.job;

/**
 * How far a job is.
 *
 * @param bytesDone of finished and running tasks
 * @param bytesTotal of all tasks; 0 before the plan is made
 * @param tasksResumed tasks that an earlier run of the same job had finished
 */
public record Progress(
        long bytesDone, long bytesTotal, int tasksDone, int tasksTotal, int tasksResumed) {
    public static final Progress NONE = new Progress(0, 0, 0, 0, 0);
}
