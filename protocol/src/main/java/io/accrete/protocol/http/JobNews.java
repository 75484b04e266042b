package io.accrete.protocol.http;

import io.accrete.protocol.job.JobPhase;

import java.time.Instant;

/**
 * One event of a job's journal, as it is streamed and logged.
 *
 * @param number from 1 on, without gaps; the id of a server-sent event
 * @param event what happened, e.g. {@code ShardReceived}
 * @param state of the job since then
 * @param message a sentence
 */
public record JobNews(long number, Instant at, String event, JobPhase state, String message) {}
