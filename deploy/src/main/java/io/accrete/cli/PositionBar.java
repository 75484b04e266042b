package io.accrete.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

/** A bar on a terminal of positions that went through a model; nothing elsewhere. */
final class PositionBar implements AutoCloseable {
    private static final int COLUMNS = 100;

    private final @Nullable ProgressBar bar;

    PositionBar(Surroundings surroundings, OutputOptions output, long positions) {
        this.bar =
                surroundings.errIsTerminal() && !output.quiet()
                        ? new ProgressBarBuilder()
                                .setTaskName("scoring")
                                .setInitialMax(positions)
                                .setUnit(" tokens", 1)
                                .showSpeed()
                                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                                .setConsumer(
                                        new ConsoleProgressBarConsumer(surroundings.err(), COLUMNS))
                                .build()
                        : null;
    }

    void stepTo(long positions) {
        if (bar != null) {
            bar.stepTo(positions);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
