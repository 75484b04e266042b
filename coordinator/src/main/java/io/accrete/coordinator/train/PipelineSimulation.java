package io.accrete.coordinator.train;

import io.accrete.coordinator.train.PipelineTimeline.Span;
import io.accrete.protocol.train.StageAction;
import io.accrete.protocol.train.StageAction.Pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Stages that obey their actions, over edges of bounded depth. Nothing is chosen: each time follows
 * from times before, so that stages are advanced in any order.
 */
public final class PipelineSimulation {
    private final PipelineSchedule schedule;
    private final List<StageSeconds> seconds;
    private final double transferSeconds;
    private final int depth;
    private final List<List<StageAction>> actions = new ArrayList<>();
    private final List<Edge> forward = new ArrayList<>();
    private final List<Edge> backward = new ArrayList<>();
    private final List<Optional<Sending>> sending = new ArrayList<>();
    private final List<Span> spans = new ArrayList<>();
    private final int[] done;
    private final int[] open;
    private final int[] openMax;
    private final double[] free;

    private PipelineSimulation(
            PipelineSchedule schedule,
            List<StageSeconds> seconds,
            double transferSeconds,
            int depth) {
        this.schedule = schedule;
        this.seconds = seconds;
        this.transferSeconds = transferSeconds;
        this.depth = depth;
        int stages = schedule.stages();
        for (int stage = 0; stage < stages; stage++) {
            actions.add(schedule.of(stage));
            forward.add(new Edge());
            backward.add(new Edge());
            sending.add(Optional.empty());
        }
        done = new int[stages];
        open = new int[stages];
        openMax = new int[stages];
        free = new double[stages];
    }

    /**
     * The course of a step; empty if the stages come to a halt.
     *
     * @param seconds of each stage
     * @param transferSeconds from the end of a pass until its result has arrived
     * @param depth messages that an edge holds before a stage has to wait
     */
    public static Optional<PipelineTimeline> run(
            PipelineSchedule schedule,
            List<StageSeconds> seconds,
            double transferSeconds,
            int depth) {
        return new PipelineSimulation(schedule, seconds, transferSeconds, depth).run();
    }

    private Optional<PipelineTimeline> run() {
        boolean advanced = true;
        while (advanced) {
            advanced = false;
            for (int stage = 0; stage < schedule.stages(); stage++) {
                while (advance(stage)) {
                    advanced = true;
                }
            }
        }
        for (int stage = 0; stage < schedule.stages(); stage++) {
            if (done[stage] < actions.get(stage).size()) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new PipelineTimeline(
                        schedule.stages(),
                        spans,
                        Arrays.stream(free).max().orElse(0),
                        Arrays.stream(openMax).boxed().toList()));
    }

    /** Does the next action of a stage, or the sending that holds it up, if that is possible. */
    private boolean advance(int stage) {
        Optional<Sending> held = sending.get(stage);
        if (held.isPresent()) {
            return send(stage, held.get());
        }
        if (done[stage] == actions.get(stage).size()) {
            return false;
        }
        StageAction action = actions.get(stage).get(done[stage]);
        Optional<Edge> from = source(stage, action);
        if (from.filter(edge -> !edge.hasNext()).isPresent()) {
            return false;
        }
        double start = Math.max(free[stage], from.map(Edge::nextArrival).orElse(0.0));
        int step = action.pass() == Pass.FORWARD ? 1 : -1;
        int part = part(stage, action);
        from.ifPresent(
                edge ->
                        edge.take(
                                new Message(action.pass(), action.microBatch(), part - step),
                                start));
        free[stage] = start + time(stage, action);
        spans.add(new Span(stage, action, start, free[stage]));
        sending.set(
                stage,
                target(stage, action)
                        .map(
                                edge ->
                                        new Sending(
                                                edge,
                                                new Message(
                                                        action.pass(),
                                                        action.microBatch(),
                                                        part))));
        open[stage] += step;
        openMax[stage] = Math.max(openMax[stage], open[stage]);
        done[stage]++;
        return true;
    }

    private boolean send(int stage, Sending held) {
        if (!held.edge().hasRoom(depth)) {
            return false;
        }
        free[stage] = Math.max(free[stage], held.edge().roomAt(depth));
        held.edge().put(held.message(), free[stage] + transferSeconds);
        sending.set(stage, Optional.empty());
        return true;
    }

    private double time(int stage, StageAction action) {
        StageSeconds times = seconds.get(stage);
        return switch (action.pass()) {
            case FORWARD -> times.forward().get(action.slice());
            case BACKWARD -> times.backward().get(action.slice());
        };
    }

    private int part(int stage, StageAction action) {
        return action.slice() * schedule.stages() + stage;
    }

    private boolean isFirst(int stage, StageAction action) {
        return part(stage, action) == 0;
    }

    private boolean isLast(int stage, StageAction action) {
        return part(stage, action) == schedule.stages() * schedule.slices() - 1;
    }

    private Optional<Edge> source(int stage, StageAction action) {
        int stages = schedule.stages();
        return switch (action.pass()) {
            case FORWARD ->
                    isFirst(stage, action)
                            ? Optional.empty()
                            : Optional.of(forward.get((stage + stages - 1) % stages));
            case BACKWARD ->
                    isLast(stage, action)
                            ? Optional.empty()
                            : Optional.of(backward.get((stage + 1) % stages));
        };
    }

    private Optional<Edge> target(int stage, StageAction action) {
        return switch (action.pass()) {
            case FORWARD ->
                    isLast(stage, action) ? Optional.empty() : Optional.of(forward.get(stage));
            case BACKWARD ->
                    isFirst(stage, action) ? Optional.empty() : Optional.of(backward.get(stage));
        };
    }

    /** A message that goes into an edge as soon as it has room. */
    private record Sending(Edge edge, Message message) {}

    /**
     * @param part of the model that it comes from
     */
    private record Message(Pass pass, int microBatch, int part) {}

    /** The messages from one stage to one neighbour, in order. */
    private static final class Edge {
        private final List<Message> messages = new ArrayList<>();
        private final List<Double> arrivals = new ArrayList<>();
        private final List<Double> takings = new ArrayList<>();

        boolean hasNext() {
            return takings.size() < messages.size();
        }

        boolean hasRoom(int depth) {
            return messages.size() - takings.size() < depth;
        }

        double nextArrival() {
            return arrivals.get(takings.size());
        }

        /** When the message that made room for the next one was taken. */
        double roomAt(int depth) {
            int index = messages.size() - depth;
            return index < 0 ? 0 : takings.get(index);
        }

        void take(Message expected, double at) {
            Message found = messages.get(takings.size());
            if (!found.equals(expected)) {
                throw new IllegalStateException(
                        "the edge has " + found + " where the schedule takes " + expected);
            }
            takings.add(at);
        }

        void put(Message message, double arrival) {
            messages.add(message);
            arrivals.add(arrival);
        }
    }
}
