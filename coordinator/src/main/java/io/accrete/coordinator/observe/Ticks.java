package io.accrete.coordinator.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The marks of an axis, at round numbers.
 *
 * @param low first mark, at most the least value
 * @param step between marks: 1, 2 or 5 times a power of ten
 * @param count of steps
 */
record Ticks(double low, double step, int count) {
    private static final int WANTED = 5;

    /** For values between two; if they are one, some room is left around it. */
    static Ticks of(double least, double most) {
        double span = most - least;
        if (!(span > 0)) {
            double room = least == 0 ? 1 : Math.abs(least) / 10;
            return of(least - room, least + room);
        }
        double rough = span / WANTED;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : 5);
        if (rough / power > 5) {
            step = power * 10;
        }
        double low = Math.floor(least / step) * step;
        return new Ticks(low, step, (int) Math.ceil((most - low) / step - 1e-9));
    }

    double high() {
        return low + count * step;
    }

    List<Double> values() {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i <= count; i++) {
            values.add(low + i * step);
        }
        return values;
    }

    /** With as many digits as tell neighbouring marks apart. */
    String text(double value) {
        double size = Math.max(Math.abs(low), Math.abs(high()));
        if (size >= 1e6 || step < 1e-4) {
            return String.format(Locale.ROOT, "%.3g", value);
        }
        int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
