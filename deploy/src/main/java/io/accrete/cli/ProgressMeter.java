package io.accrete.cli;

import io.accrete.protocol.job.Progress;

import java.time.Duration;
import java.util.Locale;

/** Rate and time left, from what was done since this run began. */
final class ProgressMeter {
    private final long bytesAtStart;
    private final long startNanos;

    ProgressMeter(long bytesAtStart, long startNanos) {
        this.bytesAtStart = bytesAtStart;
        this.startNanos = startNanos;
    }

    /** For example {@code 1.2 GB of 4.9 GB (24 %), 810 MB/s, 5 s left}. */
    String text(Progress progress, long nowNanos) {
        long done = progress.bytesDone();
        long total = Math.max(1, progress.bytesTotal());
        String text =
                "%s of %s (%d %%), shard %d of %d"
                        .formatted(
                                ByteCount.text(done),
                                ByteCount.text(progress.bytesTotal()),
                                Math.min(100, done * 100 / total),
                                progress.tasksDone(),
                                progress.tasksTotal());
        double seconds = (nowNanos - startNanos) / 1e9;
        double rate = (done - bytesAtStart) / Math.max(seconds, 1e-3);
        if (rate < 1 || seconds < 0.5) {
            return text;
        }
        long secondsLeft = Math.round((progress.bytesTotal() - done) / rate);
        return text + ", %s/s, %s left".formatted(ByteCount.text((long) rate), time(secondsLeft));
    }

    /** For example {@code 5 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    static String time(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return "%d min %d s".formatted(time.toMinutesPart(), time.toSecondsPart());
        }
        return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }

    /** With one or two digits after the point where that says something. */
    static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }
}
