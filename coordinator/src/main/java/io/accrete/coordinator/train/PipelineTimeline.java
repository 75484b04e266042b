package io.accrete.coordinator.train;

import io.accrete.protocol.train.StageAction;

import java.util.List;

/**
 * When each stage does what in a step.
 *
 * @param seconds from the first start to the last end
 * @param inFlight the most passes that each stage had in flight
 */
public record PipelineTimeline(
        int stages, List<Span> spans, double seconds, List<Integer> inFlight) {
    public PipelineTimeline {
        spans = List.copyOf(spans);
        inFlight = List.copyOf(inFlight);
    }

    /** One action, without its waiting. */
    public record Span(int stage, StageAction action, double start, double end) {}

    /** The share of the stages' time in which they wait. */
    public double bubble() {
        double busy = spans.stream().mapToDouble(span -> span.end() - span.start()).sum();
        return seconds == 0 ? 0 : Math.max(0, 1 - busy / (stages * seconds));
    }
}
