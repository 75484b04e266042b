package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobKind;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;

/**
 * What a directory of jobs goes by.
 *
 * @param limits bounds on the number of jobs
 * @param viewTimeout how long a list waits for the slowest job
 * @param answerTimeout how long somebody waits for an answer
 * @param ids of new jobs
 */
public record DirectorySettings(
        JobLimits limits,
        Duration viewTimeout,
        Duration answerTimeout,
        Clock clock,
        JournalPatience patience,
        Function<JobKind, String> ids) {}
