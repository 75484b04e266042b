package io.accrete.coordinator.finetune;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Into how many groups the stages of a training are divided, as workers come and go: one for each
 * process that can hold stages, and no more than there are stages. While all groups are held
 * nothing is divided anew. It knows no clock: time is a parameter.
 */
final class Grouping {
    private final int stages;
    private final Duration gather;

    /** None are offered yet. */
    private int groups;

    /** Since when there are too few processes for the groups. */
    private OptionalLong fewerSince = OptionalLong.empty();

    /**
     * @param stages of the phase that has the most
     * @param gather how long more processes are waited for than are there
     */
    Grouping(int stages, Duration gather) {
        this.stages = stages;
        this.gather = gather;
    }

    /**
     * Looks at who is there.
     *
     * @param processes that hold a group or could
     * @param settled since when none has come or gone
     * @param missing groups that nobody holds
     * @return into how many groups the stages are divided from now on, if that changes
     */
    OptionalInt look(int processes, Duration settled, int missing, long now) {
        int wanted = Math.clamp(processes, 1, stages);
        if (groups == 0) {
            return wanted == stages || settled.compareTo(gather) >= 0
                    ? divided(wanted)
                    : OptionalInt.empty();
        }
        if (missing == 0 || wanted == groups) {
            fewerSince = OptionalLong.empty();
            return OptionalInt.empty();
        }
        if (wanted > groups) {
            return divided(wanted);
        }
        if (fewerSince.isEmpty()) {
            fewerSince = OptionalLong.of(now);
        }
        return now - fewerSince.getAsLong() >= gather.toNanos()
                ? divided(wanted)
                : OptionalInt.empty();
    }

    private OptionalInt divided(int into) {
        fewerSince = OptionalLong.empty();
        groups = into;
        return OptionalInt.of(into);
    }

    /**
     * The group of each stage: neighbours stay together, and groups differ by one stage at most.
     */
    static List<Integer> groupOf(int stages, int groups) {
        List<Integer> of = new ArrayList<>();
        int used = Math.min(stages, groups);
        for (int stage = 0; stage < stages; stage++) {
            of.add((int) ((long) stage * used / stages));
        }
        return of;
    }

    /** As people read it: {@code stages 2..3}. */
    static String name(int stages, int groups, int group) {
        List<Integer> of = groupOf(stages, groups);
        int first = of.indexOf(group);
        int last = of.lastIndexOf(group);
        return first == last ? "stage " + first : "stages %d..%d".formatted(first, last);
    }
}
