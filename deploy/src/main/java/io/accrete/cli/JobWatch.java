package io.accrete.cli;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Says what happens to a job until it ends, whatever happens to connections and servers. */
final class JobWatch {
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final RemoteJobs jobs;
    private final Surroundings surroundings;
    private final OutputOptions output;
    private final CountDownLatch detached = new CountDownLatch(1);
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
        Thread hook = new Thread(() -> detach(job), "accrete-detaches");
        Runtime.getRuntime().addShutdownHook(hook);
        Optional<RemotePanel> panel =
                Optional.ofNullable(live).map(terminal -> RemotePanel.of(jobs, job, terminal));
        try {
            follow(job);
        } finally {
            panel.ifPresent(RemotePanel::close);
            leave(hook);
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

    private void detach(String job) {
        detached.countDown();
        surroundings
                .err()
                .printf("detached; the job goes on, `accrete watch %s` comes back to it%n", job);
    }

    private static void leave(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException processIsEnding) {
            // the hook is running, which is what it is for
        }
    }

    private void follow(String job) throws ServerException, InterruptedException {
        long failingSince = 0;
        while (true) {
            try (Stream<JobNews> events = jobs.events(job, seen)) {
                failingSince = 0;
                Iterator<JobNews> next = events.iterator();
                while (next.hasNext()) {
                    JobNews news = next.next();
                    seen = news.number();
                    say(news);
                    if (news.state().isTerminal()) {
                        return;
                    }
                }
            } catch (UncheckedIOException broken) {
                failingSince = failing(failingSince, null);
            } catch (ServerException e) {
                if (!e.isPassing()) {
                    throw e;
                }
                failingSince = failing(failingSince, e);
            }
            if (detached.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
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
