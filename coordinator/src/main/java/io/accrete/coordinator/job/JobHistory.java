package io.accrete.coordinator.job;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.japi.pf.PFBuilder;
import akka.pattern.CircuitBreakerOpenException;
import akka.persistence.jdbc.query.javadsl.JdbcReadJournal;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.PersistenceQuery;
import akka.stream.javadsl.Source;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** What happened to jobs, told from the journal; any node that reaches it may tell. */
public final class JobHistory {
    private final JdbcReadJournal journal;

    private JobHistory(JdbcReadJournal journal) {
        this.journal = journal;
    }

    public static JobHistory of(ActorSystem<?> system) {
        return new JobHistory(
                PersistenceQuery.get(system)
                        .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier()));
    }

    /** All so far, then it ends. */
    public Source<JobNews, NotUsed> soFar(String job) {
        return told(journal.currentEventsByPersistenceId(id(job), 0, Long.MAX_VALUE));
    }

    /** All after the event of that number, so far and to come; it ends with the job. */
    public Source<JobNews, NotUsed> live(String job, long after) {
        return told(journal.eventsByPersistenceId(id(job), 0, Long.MAX_VALUE))
                .takeWhile(news -> !news.state().isTerminal(), true)
                .filter(news -> news.number() > after);
    }

    /** The job as its journal has it; empty where there is none of that name. */
    public CompletionStage<Optional<JobState>> state(String job, ActorSystem<?> system) {
        return read(journal.currentEventsByPersistenceId(id(job), 0, Long.MAX_VALUE))
                .runFold(
                        Optional.<JobState>empty(),
                        (state, envelope) -> Optional.of(JobState.fold(state, event(envelope))),
                        system);
    }

    private static JobEvent event(EventEnvelope envelope) {
        if (envelope.event() instanceof JobEvent event) {
            return event;
        }
        throw new IllegalStateException(
                "the journal of a job holds a " + envelope.event().getClass());
    }

    private static String id(String job) {
        return JobEntity.persistenceId(job).id();
    }

    /** A journal that is away comes back, and so does one that has too much to do. */
    private static <T> Source<T, NotUsed> read(Source<T, NotUsed> events) {
        return events.mapError(
                new PFBuilder<Throwable, Throwable>()
                        .match(Throwable.class, JobHistory::passes, JobHistory::away)
                        .build());
    }

    private static boolean passes(Throwable failure) {
        return failure instanceof SQLException
                || failure instanceof RejectedExecutionException
                || failure instanceof CircuitBreakerOpenException;
    }

    private static JobsException away(Throwable failure) {
        return new JobsException(
                JobsException.Kind.AWAY,
                "the journal cannot be read now; if the database is away, the log says so",
                failure);
    }

    /** From the first event on, since the state is the fold of all. */
    private static Source<JobNews, NotUsed> told(Source<EventEnvelope, NotUsed> events) {
        return read(events)
                .statefulMapConcat(
                        () -> {
                            Teller teller = new Teller();
                            return teller::tell;
                        });
    }

    private static final class Teller {
        private Optional<JobState> state = Optional.empty();

        List<JobNews> tell(EventEnvelope envelope) {
            JobEvent event = event(envelope);
            Optional<JobState> before = state;
            JobState next = JobState.fold(before, event);
            state = Optional.of(next);
            return List.of(
                    new JobNews(
                            envelope.sequenceNr(),
                            next.updated(),
                            event.getClass().getSimpleName(),
                            next.phase(),
                            sentence(event, before, next)));
        }

        private static String sentence(JobEvent event, Optional<JobState> before, JobState after) {
            return switch (event) {
                case JobEvent.ShardReceived(var receipt, String worker, var numericClass, var at) ->
                        "shard %d of %d was written by %s: %,d bytes"
                                .formatted(
                                        receipt.shard() + 1,
                                        after.plan().map(JobEvent.Planned::shards).orElse(0),
                                        worker,
                                        receipt.bytes());
                case JobEvent.CheckpointCommitted(var checkpoint, var reached, var in, var at) ->
                        "checkpoint of step %d of %d, loss %.4f"
                                .formatted(
                                        checkpoint.step(),
                                        after.training().map(t -> t.plan().steps()).orElse(0),
                                        reached.loss());
                case JobEvent.RecoveryStarted(long term, var at) ->
                        (before.filter(job -> job.phase() == JobPhase.PAUSED).isPresent()
                                        ? "resumed"
                                        : "taken up again by the coordinator of term " + term)
                                + ", and takes stock of what is there";
                default -> after.reason();
            };
        }
    }
}
