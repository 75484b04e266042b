package io.accrete.cli;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Progress;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.tensor.PlainText;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jobs as people read them. */
final class JobText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    private JobText() {}

    static List<String> table(List<JobResource> jobs) {
        if (jobs.isEmpty()) {
            return List.of("no jobs");
        }
        int widest = jobs.stream().mapToInt(job -> job.id().length()).max().orElse(0);
        String format = "%-" + widest + "s  %-10s  %5s  %-19s  %s";
        return Stream.concat(
                        Stream.of(format.formatted("JOB", "STATE", "DONE", "SUBMITTED", "OUTPUT")),
                        jobs.stream()
                                .map(
                                        job ->
                                                format.formatted(
                                                        job.id(),
                                                        job.state(),
                                                        percent(job.progress()),
                                                        time(job.created()),
                                                        job.output())))
                .map(PlainText::of)
                .toList();
    }

    static List<String> details(JobResource job) {
        List<String> lines = new ArrayList<>();
        lines.add(line(job));
        lines.add("  output     " + job.output());
        lines.add("  submitted  " + time(job.created()));
        lines.add("  updated    " + time(job.updated()));
        Progress progress = job.progress();
        job.training().ifPresent(training -> lines.addAll(training(training)));
        if (progress.tasksTotal() > 0 && job.training().isEmpty()) {
            lines.add(
                    "  done       %s of %s, shard %d of %d"
                            .formatted(
                                    ByteCount.text(progress.bytesDone()),
                                    ByteCount.text(progress.bytesTotal()),
                                    progress.tasksDone(),
                                    progress.tasksTotal()));
        }
        for (JobView.RunningTask task : job.running()) {
            lines.add(
                    "  running    %s on %s: %s of %s"
                            .formatted(
                                    task.file(),
                                    task.worker(),
                                    ByteCount.text(task.bytesDone()),
                                    ByteCount.text(task.bytesTotal())));
        }
        return Stream.concat(
                        lines.stream().map(PlainText::of),
                        // which is fit for a terminal, and has lines of its own
                        job.problems().stream().flatMap(problem -> problem.render().lines()))
                .toList();
    }

    private static List<String> training(TrainProgress training) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "  step       %d of %d%s%s"
                        .formatted(
                                training.step(),
                                training.steps(),
                                training.loss() == null
                                        ? ""
                                        : String.format(
                                                Locale.ROOT, ", loss %.4f", training.loss()),
                                training.tokensPerSecond() == null
                                        ? ""
                                        : String.format(
                                                Locale.ROOT,
                                                ", %,.0f tokens/s",
                                                training.tokensPerSecond())));
        lines.add(
                "  stages     %d; recovered %s"
                        .formatted(training.stages(), Quantity.of(training.recoveries(), "time")));
        lines.add(
                "  saved      "
                        + (training.checkpoints().isEmpty()
                                ? "nothing yet"
                                : "steps "
                                        + training.checkpoints().stream()
                                                .map(String::valueOf)
                                                .collect(Collectors.joining(", "))));
        training.notes().forEach(note -> lines.add("  note       " + note));
        return lines;
    }

    static String line(JobResource job) {
        return PlainText.of("%s: %s, %s".formatted(job.id(), job.state(), job.reason()));
    }

    static String line(JobNews news) {
        return PlainText.of(
                "%s  %-10s  %s".formatted(time(news.at()), news.state(), news.message()));
    }

    static String line(WorkerView worker) {
        String doing = worker.running().isEmpty() ? "idle" : String.join(", ", worker.running());
        return PlainText.of(
                "%s: %s%s (%s, process %d on %s, heard of %d s ago)%s"
                        .formatted(
                                worker.worker(),
                                worker.leaving() ? "leaving, " : "",
                                doing,
                                device(worker.device()),
                                worker.pid(),
                                worker.host(),
                                worker.silentSeconds(),
                                worker.reason().map(why -> ": " + why).orElse("")));
    }

    private static String device(WorkerDevice device) {
        String model = device.model().isEmpty() ? "" : " " + device.model();
        return device.name()
                + model
                + (device.belongsToOne() && device.memoryBytes() > 0
                        ? " with " + ByteCount.text(device.memoryBytes())
                        : "");
    }

    private static String percent(Progress progress) {
        if (progress.bytesTotal() > 0) {
            return progress.bytesDone() * 100 / progress.bytesTotal() + " %";
        }
        return progress.tasksTotal() == 0
                ? "-"
                : progress.tasksDone() * 100 / progress.tasksTotal() + " %";
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }
}
