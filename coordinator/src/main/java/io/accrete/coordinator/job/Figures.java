package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.PoolFigures;

/** What a coordinator has to do, and has done, in figures. */
public record Figures(JobFigures jobs, PoolFigures pool) {}
