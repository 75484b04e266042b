package io.accrete.cli;

import java.io.PrintStream;
import java.util.List;

/**
 * Some lines at the end of a terminal that are written over again and again, below what is said for
 * good.
 */
final class LivePanel implements AutoCloseable {
    /** Narrower than any terminal, since a line that is broken would not be written over. */
    private static final int COLUMNS = 79;

    private static final long REDRAW_NANOS = 200_000_000;
    private static final String ERASE_BELOW = "\r\u001b[J";

    private final PrintStream terminal;
    private List<String> lines = List.of();
    private int drawn;
    private long drawnNanos;

    LivePanel(PrintStream terminal) {
        this.terminal = terminal;
    }

    /** Something that stays. */
    synchronized void say(String line) {
        erase();
        terminal.println(line);
        draw();
    }

    /** Not more often than an eye follows. */
    synchronized void show(List<String> now, long nowNanos) {
        lines = now;
        if (drawn == 0 || nowNanos - drawnNanos >= REDRAW_NANOS) {
            drawnNanos = nowNanos;
            erase();
            draw();
        }
    }

    private void erase() {
        if (drawn > 0) {
            terminal.print("\u001b[%dA".formatted(drawn) + ERASE_BELOW);
            drawn = 0;
        }
    }

    private void draw() {
        lines.forEach(
                line ->
                        terminal.println(
                                line.length() > COLUMNS ? line.substring(0, COLUMNS) : line));
        drawn = lines.size();
        terminal.flush();
    }

    /** The last lines stay as they are. */
    @Override
    public synchronized void close() {
        erase();
        draw();
        lines = List.of();
        drawn = 0;
    }
}
