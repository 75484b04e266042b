package io.accrete.protocol.train;

import java.util.Objects;
import java.util.Optional;

/**
 * All that a training knows after a step beside weights and moments, and that its numbers or
 * figures depend on: whoever goes on from it ends with the same bits. What decides about later
 * steps has its place here.
 *
 * @param step the last one that is done
 * @param rows that steps have seen
 * @param tokens scored in all steps
 * @param loss of the last step; NaN before the first, and where it was not finite
 * @param metricsBytes length of the file of metrics
 * @param validationBefore loss before the first step, if there is a validation
 * @param lastValidation loss at the latest validation
 * @param phase where it stands in its phases
 * @param guard what the guard against spikes remembers
 * @param over whether no step is left
 * @param best the state whose weights are published, where a job asks for the best
 */
public record TrainState(
        int step,
        long rows,
        long tokens,
        double loss,
        long metricsBytes,
        Optional<Double> validationBefore,
        Optional<Double> lastValidation,
        PhaseState phase,
        GuardState guard,
        boolean over,
        Optional<Best> best) {
    public static final TrainState START =
            new TrainState(
                    0,
                    0,
                    0,
                    Double.NaN,
                    0,
                    Optional.empty(),
                    Optional.empty(),
                    PhaseState.FIRST,
                    GuardState.NEW,
                    false,
                    Optional.empty());

    /**
     * The lowest loss at a validation so far.
     *
     * @param step after which it was
     */
    public record Best(int step, double loss) {}

    public TrainState {
        // Journals of before there were phases and guards do not say it.
        phase = Objects.requireNonNullElse(phase, PhaseState.FIRST);
        guard = Objects.requireNonNullElse(guard, GuardState.NEW);
        best = Objects.requireNonNullElse(best, Optional.empty());
    }

    /** Loss of the weights of a step that is the best or the last. */
    public Optional<Double> validationAfter(int published) {
        return best.filter(own -> own.step() == published).map(Best::loss).or(() -> lastValidation);
    }

    /**
     * @param rowsOfStep that it has seen
     * @param bytes that its line of metrics has
     */
    public TrainState afterStep(
            int done, long rowsOfStep, long tokensOfStep, double lossOfStep, int bytes) {
        return new TrainState(
                done,
                rows + rowsOfStep,
                tokens + tokensOfStep,
                lossOfStep,
                metricsBytes + bytes,
                validationBefore,
                lastValidation,
                phase,
                guard,
                over,
                best);
    }

    /** After a step on which the guard has looked. */
    public TrainState guarded(GuardState now) {
        return with(metricsBytes, phase, now, over, best);
    }

    /** After the last step of a phase that another follows. */
    public TrainState inNextPhase() {
        return with(
                metricsBytes, phase.next(step, lastValidation), guard.inNextPhase(), over, best);
    }

    /**
     * At the step that a later one is undone to, going on in another way.
     *
     * @param bytes that its line of metrics has
     */
    public TrainState rewound(Rewind back, int bytes) {
        return new TrainState(
                step,
                back.rows().orElse(rows),
                tokens,
                loss,
                metricsBytes + bytes,
                validationBefore,
                lastValidation,
                phase,
                guard.rewound(back),
                over,
                best);
    }

    /** Without a length of the metrics: they have times, so that it differs from run to run. */
    public TrainState withoutMetrics() {
        return new TrainState(
                step,
                rows,
                tokens,
                loss,
                0,
                validationBefore,
                lastValidation,
                phase,
                guard,
                over,
                best);
    }

    /** After the last step of all. */
    public TrainState atTheEnd() {
        return with(metricsBytes, phase, guard, true, best);
    }

    /** Where the loss of the latest validation is the lowest so far. */
    public TrainState asBest() {
        return with(
                metricsBytes, phase, guard, over, lastValidation.map(loss -> new Best(step, loss)));
    }

    private TrainState with(
            long metricsNow,
            PhaseState phaseNow,
            GuardState guardNow,
            boolean isOver,
            Optional<Best> bestNow) {
        return new TrainState(
                step,
                rows,
                tokens,
                loss,
                metricsNow,
                validationBefore,
                lastValidation,
                phaseNow,
                guardNow,
                isOver,
                bestNow);
    }

    /**
     * After lines of metrics that nothing follows from.
     *
     * @param bytes that they have
     */
    public TrainState afterLines(int bytes) {
        return with(metricsBytes + bytes, phase, guard, over, best);
    }

    /**
     * @param bytes that its line of metrics has
     */
    public TrainState afterValidation(double mean, int bytes) {
        return new TrainState(
                step,
                rows,
                tokens,
                loss,
                metricsBytes + bytes,
                step == 0 ? Optional.of(mean) : validationBefore,
                Optional.of(mean),
                phase.validated(mean),
                guard,
                over,
                best);
    }
}
