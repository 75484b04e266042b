package io.accrete.coordinator.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What it would bring to split backward passes into the gradient of the input, which the stage
 * before waits for, and that of the weights, which nobody does: a list schedule that goes no
 * further ahead than 1f1b. Only an estimate; no stage works like this.
 */
public final class ZeroBubble {
    private static final double WEIGHT_SHARE = 0.5;

    private enum Task {
        BACKWARD,
        FORWARD,
        WEIGHTS
    }

    private final List<StageSeconds> seconds;
    private final int microBatches;
    private final List<Map<Task, Integer>> done = new ArrayList<>();
    private final double[] free;
    private final double[][] forwardEnd;
    private final double[][] backwardEnd;

    private ZeroBubble(List<StageSeconds> seconds, int microBatches) {
        this.seconds = seconds;
        this.microBatches = microBatches;
        int stages = seconds.size();
        for (int stage = 0; stage < stages; stage++) {
            done.add(new EnumMap<>(Task.class));
        }
        free = new double[stages];
        forwardEnd = new double[stages][microBatches];
        backwardEnd = new double[stages][microBatches];
    }

    /** Seconds of a step. */
    public static double stepSeconds(List<StageSeconds> seconds, int microBatches) {
        return new ZeroBubble(seconds, microBatches).run();
    }

    private double run() {
        int left = seconds.size() * microBatches * Task.values().length;
        while (left-- > 0) {
            int stage = -1;
            Task next = Task.WEIGHTS;
            double earliest = Double.POSITIVE_INFINITY;
            for (int i = 0; i < seconds.size(); i++) {
                for (Task task : Task.values()) {
                    double start = Math.max(free[i], ready(i, task));
                    if (start < earliest) {
                        earliest = start;
                        stage = i;
                        next = task;
                    }
                }
            }
            perform(stage, next, earliest);
        }
        return Arrays.stream(free).max().orElse(0);
    }

    private void perform(int stage, Task task, double start) {
        double end = start + time(stage, task);
        int microBatch = done(stage, task);
        done.get(stage).put(task, microBatch + 1);
        switch (task) {
            case FORWARD -> forwardEnd[stage][microBatch] = end;
            case BACKWARD -> backwardEnd[stage][microBatch] = end;
            case WEIGHTS -> {}
        }
        free[stage] = end;
    }

    /** When the next task of a kind can begin; never, before what it needs is known. */
    private double ready(int stage, Task task) {
        int next = done(stage, task);
        if (next == microBatches) {
            return Double.POSITIVE_INFINITY;
        }
        int last = seconds.size() - 1;
        return switch (task) {
            case FORWARD -> {
                int open = next - done(stage, Task.BACKWARD);
                if (open >= Math.min(last - stage + 1, microBatches)) {
                    yield Double.POSITIVE_INFINITY;
                }
                yield stage == 0 ? 0 : end(stage - 1, Task.FORWARD, next);
            }
            case BACKWARD -> end(stage == last ? last : stage + 1, before(stage, last), next);
            case WEIGHTS -> end(stage, Task.BACKWARD, next);
        };
    }

    private int done(int stage, Task task) {
        return done.get(stage).getOrDefault(task, 0);
    }

    private static Task before(int stage, int last) {
        return stage == last ? Task.FORWARD : Task.BACKWARD;
    }

    private double end(int stage, Task task, int microBatch) {
        if (done(stage, task) <= microBatch) {
            return Double.POSITIVE_INFINITY;
        }
        return task == Task.FORWARD
                ? forwardEnd[stage][microBatch]
                : backwardEnd[stage][microBatch];
    }

    private double time(int stage, Task task) {
        StageSeconds times = seconds.get(stage);
        double backward = times.backward().stream().mapToDouble(Double::doubleValue).sum();
        return switch (task) {
            case FORWARD -> times.forward().stream().mapToDouble(Double::doubleValue).sum();
            case BACKWARD -> backward * (1 - WEIGHT_SHARE);
            case WEIGHTS -> backward * WEIGHT_SHARE;
        };
    }
}
