package io.accrete.protocol.job;

import java.util.List;

/** What a line of the log is about: names in the context of each thread that logs. */
public final class LogFields {
    public static final String JOB = "job";
    public static final String TASK = "task";
    public static final String WORKER = "worker";
    public static final String EPOCH = "epoch";

    public static final List<String> ALL = List.of(JOB, TASK, WORKER, EPOCH);

    private LogFields() {}
}
