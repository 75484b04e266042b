package io.accrete.node;

import java.util.Optional;

/**
 * One line of a doctor's report.
 *
 * @param what was looked at
 * @param found what was seen
 * @param fix what to do where it is not well
 */
public record HealthCheck(String what, boolean well, String found, String fix) {

    public static HealthCheck well(String what, String found) {
        return new HealthCheck(what, true, found, "");
    }

    public static HealthCheck ill(String what, String found, String fix) {
        return new HealthCheck(what, false, found, fix);
    }

    /** Well where the value is not known. */
    public static HealthCheck atLeast(
            String what, Optional<Long> value, long least, String text, String fix) {
        boolean well = value.isEmpty() || value.get() >= least;
        return new HealthCheck(
                what, well, value.isEmpty() ? "not known on this system" : text, fix);
    }
}
