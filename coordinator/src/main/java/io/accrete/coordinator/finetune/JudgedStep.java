package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.SpikeGuard;
import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainState;

import java.util.Optional;

/**
 * What follows from the figures of all stages on a step.
 *
 * @param line of the metrics
 * @param note that a person may want to read
 * @param rewind where the training goes back to; then nothing else here counts
 */
record JudgedStep(
        TrainState after,
        StepVerdict verdict,
        String line,
        Optional<String> note,
        Optional<Rewind> rewind) {

    /**
     * @param seconds that the step took
     */
    static JudgedStep of(Standing standing, int step, StepFigures figures, double seconds) {
        SpikeGuard.Guarded guarded = standing.decide(step, figures);
        StepDecision decision = guarded.decision();
        long targets = Standing.targets(figures);
        String line = MetricsLine.ofStep(step, standing, figures, targets, decision, seconds);
        TrainState after =
                standing.state()
                        .guarded(guarded.state())
                        .afterStep(
                                step,
                                standing.rowsOfStep(),
                                targets,
                                decision.loss(),
                                MetricsLine.bytes(line));
        Optional<String> note =
                decision.verdict() instanceof StepVerdict.Skip(String reason)
                        ? Optional.of("step %d was skipped: %s".formatted(step, reason))
                        : Optional.empty();
        return new JudgedStep(after, decision.verdict(), line, note, guarded.rewind());
    }
}
