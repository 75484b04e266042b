package io.accrete.node;

import java.util.Optional;

/**
 * One line of a doctor's report.
 *
 * @param what was looked at
 * @param found what was seen
 * @param fix what to do where it is ill; of a note, when to do something
 */
public record HealthCheck(String what, State state, String found, String fix) {
    /** How it is. */
    public enum State {
        WELL,
        /** It may be as it should be, or not: who asks knows. */
        NOTE,
        ILL
    }

    public HealthCheck(String what, boolean well, String found, String fix) {
        this(what, well ? State.WELL : State.ILL, found, fix);
    }

    public static HealthCheck well(String what, String found) {
        return new HealthCheck(what, State.WELL, found, "");
    }

    public static HealthCheck note(String what, String found, String fix) {
        return new HealthCheck(what, State.NOTE, found, fix);
    }

    public static HealthCheck ill(String what, String found, String fix) {
        return new HealthCheck(what, State.ILL, found, fix);
    }

    /** Well where the value is not known. */
    public static HealthCheck atLeast(
            String what, Optional<Long> value, long least, String text, String fix) {
        boolean well = value.isEmpty() || value.get() >= least;
        return new HealthCheck(
                what, well, value.isEmpty() ? "not known on this system" : text, fix);
    }

    /** Whether a node can run with it as it is. */
    public boolean isBearable() {
        return state != State.ILL;
    }
}
