package io.accrete.coordinator.finetune;

import io.accrete.coordinator.pool.TaskNotice;

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
    /** Workers that have to find a coordinator, or that hold stages, are worth some patience. */
    private static final int PATIENCE = 5;

    private final int stages;
    private final Duration gather;
    private final boolean recovers;

    /** None are offered yet. */
    private int groups;

    /** Since when there are too few processes for the groups. */
    private OptionalLong fewerSince = OptionalLong.empty();

    /**
     * @param stages of the phase that has the most
     * @param gather how long more processes are waited for than are there
     * @param recovers whether workers may hold stages that a coordinator before this one gave them
     */
    Grouping(int stages, Duration gather, boolean recovers) {
        this.stages = stages;
        this.gather = gather;
        this.recovers = recovers;
    }

    /**
     * Looks at who is there.
     *
     * @param missing groups that nobody holds
     * @return into how many groups the stages are divided from now on, if that changes
     */
    OptionalInt look(TaskNotice.Hands hands, int missing, long now) {
        int wanted = Math.clamp(hands.processes(), 1, stages);
        if (groups == 0) {
            return first(hands, wanted);
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

    /** Stages stay with those who hold them, if all are there. */
    private OptionalInt first(TaskNotice.Hands hands, int wanted) {
        if (recovers && hands.kept().isWhole()) {
            return divided(hands.kept().of());
        }
        boolean others = !hands.anybody() || hands.kept().held() > 0;
        if (recovers && hands.age().compareTo(gather.multipliedBy(others ? PATIENCE : 1)) < 0) {
            return OptionalInt.empty();
        }
        return wanted == stages || hands.settled().compareTo(gather) >= 0
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
