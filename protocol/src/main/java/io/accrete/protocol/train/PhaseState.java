package io.accrete.protocol.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a training stands in its phases.
 *
 * @param number of the phase, from 0
 * @param stepsBefore steps of all phases before it
 * @param validations losses since it began, the one that it began with first
 */
public record PhaseState(int number, int stepsBefore, List<Double> validations) {
    public static final PhaseState FIRST = new PhaseState(0, 0, List.of());

    public PhaseState {
        validations = List.copyOf(validations);
    }

    PhaseState validated(double loss) {
        List<Double> all = new ArrayList<>(validations);
        all.add(loss);
        return new PhaseState(number, stepsBefore, all);
    }

    PhaseState next(int steps, Optional<Double> lastValidation) {
        return new PhaseState(number + 1, steps, lastValidation.stream().toList());
    }
}
