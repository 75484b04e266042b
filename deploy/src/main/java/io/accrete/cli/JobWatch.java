package io.accrete.cli;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;
import io.accrete.remote.UnreadableEventException;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/** Says what happens to a job until it ends, whatever happens to connections and servers. */
final class JobWatch {
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** In a row: once may be an event that was cut off by something between. */
    private static final int UNREADABLE_MAX = 3;

    private final RemoteJobs jobs;
    private final Surroundings surroundings;
    private final OutputOptions output;
    private final @Nullable LivePanel live;
    private long seen;

    JobWatch(RemoteJobs jobs, Surroundings surroundings, OutputOptions output) {
        this.jobs = jobs;
        this.surroundings = surroundings;
        this.output = output;
        this.live =
                surroundings.outIsTerminal() && !output.json() && !output.quiet()
                        ? new LivePanel(surroundings.out())
                        : null;
    }

    /** Ctrl-C detaches: the job goes on. */
    ExitCode until(String job) throws ServerException, InterruptedException {
        try (Detachment detachment = Detachment.of(job, surroundings)) {
            return until(detachment);
        }
    }

    /** Returns when the job has ended, or when nobody wants to know any more. */
    ExitCode until(Detachment detachment) throws ServerException, InterruptedException {
        String job = detachment.job();
        Optional<RemotePanel> panel =
                Optional.ofNullable(live).map(terminal -> RemotePanel.of(jobs, job, terminal));
        try {
            follow(detachment);
        } finally {
            panel.ifPresent(RemotePanel::close);
        }
        JobResource ended = jobs.show(job);
        if (output.json()) {
            surroundings.out().println(ApiJson.write(ended));
        } else {
            ended.problems().forEach(problem -> surroundings.err().print(problem.render()));
            surroundings.out().println(JobText.line(ended));
        }
        return switch (ended.state()) {
            case SUCCEEDED -> ExitCode.DONE;
            case CANCELLED -> ExitCode.CANCELLED;
            case QUEUED, PLANNING, RUNNING, RECOVERING, PAUSED, CANCELLING, PUBLISHING, FAILED ->
                    ExitCode.JOB_FAILED;
        };
    }

    private void follow(Detachment detachment) throws ServerException, InterruptedException {
        long failingSince = 0;
        int unreadable = 0;
        while (true) {
            try (Stream<JobNews> events = jobs.events(detachment.job(), seen)) {
                failingSince = 0;
                Iterator<JobNews> next = events.iterator();
                while (next.hasNext()) {
                    JobNews news = next.next();
                    seen = news.number();
                    unreadable = 0;
                    say(news);
                    if (news.state().isTerminal()) {
                        return;
                    }
                }
            } catch (UnreadableEventException e) {
                if (++unreadable == UNREADABLE_MAX) {
                    throw jobs.somethingElse(e);
                }
                failingSince = failing(failingSince, null);
            } catch (UncheckedIOException broken) {
                failingSince = failing(failingSince, null);
            } catch (ServerException e) {
                if (!e.isPassing()) {
                    throw e;
                }
                failingSince = failing(failingSince, e);
            }
            if (detachment.comesWithin(AGAIN)) {
                return;
            }
        }
    }

    private long failing(long since, @Nullable ServerException why) throws ServerException {
        long now = System.nanoTime();
        if (since == 0) {
            if (!output.quiet()) {
                surroundings.err().println("the connection is lost; coming back ...");
            }
            return now;
        }
        if (why != null && now - since > PATIENCE.toNanos()) {
            throw why;
        }
        return since;
    }

    private void say(JobNews news) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "event", news.event(),
                                    "number", news.number(),
                                    "at", news.at().toString(),
                                    "state", news.state().name(),
                                    "message", news.message()));
        } else if (live != null) {
            live.say(JobText.line(news));
        } else if (!output.quiet()) {
            surroundings.out().println(JobText.line(news));
        }
    }
}
