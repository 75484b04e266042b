package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks how a training on a server gets on, and shows it on a terminal, until it is closed. */
final class RemotePanel implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Of an answer that is on its way. */
    private static final Duration END = Duration.ofSeconds(2);

    private final RemoteJobs jobs;
    private final String job;
    private final LivePanel terminal;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable TrainPanel panel;

    /** The last step whose line is on the panel, and the one whose validation is. */
    private int step;

    private int validated = -1;

    private RemotePanel(RemoteJobs jobs, String job, LivePanel terminal) {
        this.jobs = jobs;
        this.job = job;
        this.terminal = terminal;
        this.thread = Thread.ofVirtual().name("panel").unstarted(this::run);
    }

    static RemotePanel of(RemoteJobs jobs, String job, LivePanel terminal) {
        RemotePanel panel = new RemotePanel(jobs, job, terminal);
        panel.thread.start();
        return panel;
    }

    private void run() {
        try {
            do {
                look();
            } while (!closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS));
            look(); // the end
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            JobResource shown = jobs.show(job);
            if (shown.training().isPresent()) {
                look(shown.training().get());
            }
        } catch (ServerException e) {
            // whoever follows the events says that the server is away
        }
    }

    private void look(TrainProgress training) throws ServerException, InterruptedException {
        long now = System.nanoTime();
        TrainPanel known = panel;
        if (known == null) {
            known =
                    new TrainPanel(
                            training.steps(), "stages  %d".formatted(training.stages()), now);
            panel = known;
        }
        OptionalInt after = step == 0 ? OptionalInt.empty() : OptionalInt.of(step - 1);
        do {
            FigurePage page = jobs.figures(job, after);
            page.lines().forEach(this::add);
            after = page.next();
        } while (after.isPresent());
        terminal.show(known.lines(now), now);
    }

    /** Steps that were there before somebody looked say nothing about the time that is left. */
    private void add(JsonNode line) {
        TrainPanel known = panel;
        int of = line.path("step").asInt();
        boolean validation = line.has("validation");
        if (known != null && of > (validation ? validated : step)) {
            if (validation) {
                validated = of;
            } else {
                step = of;
            }
            known.add(line);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        terminal.close();
    }
}
