package io.accrete.coordinator.train;

import io.accrete.protocol.train.GrowSettings.Plateau;

import java.util.List;

/** When the validation loss has stopped falling. */
public final class PlateauRule {
    private PlateauRule() {}

    /**
     * @param losses of all validations of the round, the first before its first step
     * @param steps that the round has taken
     */
    public static boolean isFlat(Plateau plateau, List<Double> losses, int steps) {
        int before = losses.size() - plateau.patience();
        if (steps < plateau.minimumSteps() || before < 1) {
            return false;
        }
        double best = least(losses.subList(0, before));
        return least(losses.subList(before, losses.size())) > best * (1 - plateau.delta());
    }

    /**
     * The step of a round before which there are never enough validations.
     *
     * @param every steps between validations, counted over the whole growth
     * @param first whether it is the first round, which begins where that count does; another may
     *     begin just before a validation
     */
    public static long earliest(Plateau plateau, int every, boolean first) {
        long steps = (long) plateau.patience() * every;
        return Math.max(plateau.minimumSteps(), first ? steps : steps - every + 1);
    }

    private static double least(List<Double> losses) {
        return losses.stream()
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }
}
