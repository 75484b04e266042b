package io.accrete.cli;

import io.accrete.local.RunListener;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.JobView.RunningTask;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Progress;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.merge.MergePlan;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Shows how a merge gets on: a bar on a terminal, lines elsewhere, objects for programs. */
final class ProgressDisplay implements RunListener, AutoCloseable {
    private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long EVENT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int BAR_COLUMNS = 100;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Surroundings surroundings;
    private final OutputOptions output;
    private @Nullable ProgressMeter meter;
    private @Nullable ProgressBar bar;
    private String job = "";
    private JobPhase phase = JobPhase.QUEUED;
    private Progress progress = Progress.NONE;
    private Progress toldProgress = Progress.NONE;
    private List<RunningTask> running = List.of();
    private long lineNanos;
    private long eventNanos;

    ProgressDisplay(Surroundings surroundings, OutputOptions output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    @Override
    public void planned(MergePlan plan, List<Problem> warnings) {
        MergePlan.OutputModel model = plan.model();
        job = plan.job();
        if (output.json()) {
            event(
                    "event", "planned",
                    "job", job,
                    "shards", plan.shards().size(),
                    "tensors", model.tensors(),
                    "bytes_total", model.bytes());
        }
        for (Problem warning : warnings) {
            surroundings.err().print(warning.render());
        }
        say(
                "%s: %s, %s, %s in %s"
                        .formatted(
                                model.method(),
                                Quantity.of(model.layers(), "layer"),
                                Quantity.of(model.tensors(), "tensor"),
                                ByteCount.text(model.bytes()),
                                Quantity.of(plan.shards().size(), "shard")));
    }

    @Override
    public void observed(JobView view) {
        long now = System.nanoTime();
        boolean changed = view.phase() != phase;
        if (meter == null && view.progress().tasksTotal() > 0) {
            meter = new ProgressMeter(view.progress().bytesDone(), now);
            lineNanos = now;
            if (view.progress().tasksResumed() > 0) {
                say(
                        "resuming: %d of %d shards are there already"
                                .formatted(
                                        view.progress().tasksResumed(),
                                        view.progress().tasksTotal()));
            }
        }
        boolean due = now - eventNanos >= EVENT_NANOS;
        if (output.json() && (changed || due && !view.progress().equals(toldProgress))) {
            toldProgress = view.progress();
            eventNanos = now;
            progressEvent(view);
        }
        shards(view);
        if (meter != null && !output.quiet()) {
            draw(meter, view.progress(), now);
        }
        phase = view.phase();
        progress = view.progress();
    }

    private void draw(ProgressMeter meter, Progress progress, long now) {
        if (surroundings.errIsTerminal()) {
            if (bar == null) {
                bar = bar(progress);
            }
            bar.stepTo(progress.bytesDone());
            bar.setExtraMessage(
                    " shard %d/%d".formatted(progress.tasksDone(), progress.tasksTotal()));
        } else if (now - lineNanos >= LINE_NANOS) {
            lineNanos = now;
            surroundings.err().println(meter.text(progress, now));
        }
    }

    private ProgressBar bar(Progress progress) {
        return new ProgressBarBuilder()
                .setTaskName("merging")
                .setInitialMax(progress.bytesTotal())
                .startsFrom(progress.bytesDone(), Duration.ZERO)
                .setUnit(" MB", 1_000_000)
                .showSpeed()
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(surroundings.err(), BAR_COLUMNS))
                .build();
    }

    /** What began and what ended since the last view. */
    private void shards(JobView view) {
        List<String> before = running.stream().map(RunningTask::file).toList();
        List<String> after = view.running().stream().map(RunningTask::file).toList();
        if (output.verbose()) {
            for (RunningTask task : view.running()) {
                if (!before.contains(task.file())) {
                    say(
                            "  %s: started by %s (%s)"
                                    .formatted(
                                            task.file(),
                                            task.worker(),
                                            ByteCount.text(task.bytesTotal())));
                }
            }
        }
        List<String> ended = new ArrayList<>(before);
        ended.removeAll(after);
        if (output.verbose() && view.progress().tasksDone() > progress.tasksDone()) {
            ended.forEach(file -> say("  %s: done".formatted(file)));
        }
        running = view.running();
    }

    private void progressEvent(JobView view) {
        event(
                "event", "progress",
                "state", view.phase().name(),
                "job", job,
                "reason", view.reason(),
                "bytes_done", view.progress().bytesDone(),
                "bytes_total", view.progress().bytesTotal(),
                "tasks_done", view.progress().tasksDone(),
                "tasks_total", view.progress().tasksTotal(),
                "tasks_resumed", view.progress().tasksResumed());
    }

    private void event(@Nullable Object... namesAndValues) {
        new JsonLines(surroundings.out()).write(JsonLines.object(namesAndValues));
    }

    /** A line for people, above the bar if there is one. */
    void say(String line) {
        if (!output.quiet()) {
            surroundings.err().println(bar == null ? line : CLEAR_LINE + line);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
