package io.accrete.coordinator.train;

import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.StepVerdict;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;

/**
 * What follows from the reports of all stages on a step. The same reports give the same decision,
 * bit for bit, however the parameters are spread over stages.
 *
 * @param loss mean over all targets of the step
 * @param gradNorm before clipping
 */
public record StepDecision(double loss, double gradNorm, StepVerdict verdict) {
    /** As in PyTorch; without it a gradient of 0 would be divided by 0. */
    private static final double NORM_OFFSET = 1e-6;

    private static final int NAMES_SHOWN = 3;
    private static final String NOTHING_COUNTS = "none of the labels of its rows counts";

    /**
     * @param rate of this step, before multipliers
     * @param lossSum over all targets of all micro-batches
     * @param targets of the step
     * @param squares sum of squares of each trained parameter's gradient, by name
     */
    public static StepDecision of(
            double rate,
            OptimizerSettings optimizer,
            double lossSum,
            long targets,
            SortedMap<String, Double> squares) {
        double sum = 0;
        for (double square : squares.values()) {
            sum += square;
        }
        double norm = Math.sqrt(sum);
        double loss = lossSum / targets;
        List<String> names =
                squares.entrySet().stream()
                        .filter(entry -> !Double.isFinite(entry.getValue()))
                        .map(Map.Entry::getKey)
                        .toList();
        StepVerdict verdict =
                Double.isFinite(loss) && Double.isFinite(norm)
                        ? new StepVerdict.Apply(rate, clipFactor(norm, optimizer.clipNorm()))
                        : new StepVerdict.Skip(
                                targets == 0 ? NOTHING_COUNTS : reason(loss, norm, names));
        return new StepDecision(loss, norm, verdict);
    }

    /** The same, with its gradients dropped. */
    StepDecision skipped(String why) {
        return new StepDecision(loss, gradNorm, new StepVerdict.Skip(why));
    }

    static double clipFactor(double norm, OptionalDouble clipNorm) {
        return clipNorm.isEmpty() ? 1 : Math.min(1, clipNorm.getAsDouble() / (norm + NORM_OFFSET));
    }

    private static String reason(double loss, double norm, List<String> names) {
        if (!names.isEmpty()) {
            String shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
            return "the gradients of %d parameters are not finite: %s%s"
                    .formatted(names.size(), shown, names.size() > NAMES_SHOWN ? ", ..." : "");
        }
        return Double.isFinite(norm)
                ? "the loss is not finite: " + loss
                : "the norm of the gradient is not finite: " + norm;
    }
}
