package io.accrete.protocol.train;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a trained model is beside the model that it grew from, and what it was before its first
 * step, measured on some of the text.
 *
 * @param tokens scored, of the validation files, else of the training files
 * @param baseLoss mean in nats of the model that it grew from, untouched
 * @param loss mean in nats of the result
 * @param sites in order
 * @param finalNorm states after the last norm against those of the base
 * @param samples the same beginnings as each of both goes on
 * @param basePace of the base
 * @param pace of the result
 * @param grown the same model before its first step; null where it was not looked at
 * @param validation of the base; null where there are no validation files, or too much is in them
 */
public record Examination(
        long tokens,
        double baseLoss,
        double loss,
        List<SiteFigures> sites,
        Drift finalNorm,
        List<Sample> samples,
        Pace basePace,
        Pace pace,
        @Nullable Grown grown,
        @Nullable Validation validation) {
    public Examination {
        sites = List.copyOf(sites);
        samples = List.copyOf(samples);
    }

    /**
     * The model before its first step, on the same tokens.
     *
     * @param loss mean in nats
     * @param sites in order; those of the first round of a growth
     */
    public record Grown(double loss, List<SiteFigures> sites, Drift finalNorm) {
        public Grown {
            sites = List.copyOf(sites);
        }
    }

    /**
     * On all of the validation files, so that it may be compared with what the training measures.
     *
     * @param tokens scored
     * @param baseLoss mean in nats of the untouched base
     */
    public record Validation(long tokens, double baseLoss) {}

    /**
     * How far states x' are from states x. Where both are zero they are the same: 0, 0 and 1. A
     * figure is null where it would mean nothing: a distance from zero has no measure, and a vector
     * of zeros no direction.
     *
     * @param relativeMean of {@code |x' - x| / |x|} over all positions
     * @param relativeFrobenius the same with the norms over all positions at once
     * @param cosineMean of the cosine of x' and x over all positions
     */
    public record Drift(
            @Nullable Double relativeMean,
            @Nullable Double relativeFrobenius,
            @Nullable Double cosineMean) {}

    /**
     * A layer of the result, or of the model before its first step.
     *
     * @param againstBase the state after it against the base's after the same source layer; null
     *     where the base has no such layer
     * @param change the state after it against the state before it: the profile of the seams
     * @param lossWithout of the model without this layer, for clones; null where not measured
     * @param attentionGate mean of the gate on its attention, if it has one
     * @param mlpGate mean of the gate on its MLP
     */
    public record SiteFigures(
            int site,
            int layer,
            int occurrence,
            @Nullable Drift againstBase,
            Drift change,
            @Nullable Double lossWithout,
            @Nullable Double attentionGate,
            @Nullable Double mlpGate) {}

    /**
     * @param base how the model that it grew from goes on, the likeliest id each time
     */
    public record Sample(String prompt, String base, String result) {}

    /**
     * Measured on one thread.
     *
     * @param millisPerToken of a new token, all before it cached; the median
     */
    public record Pace(double millisPerToken) {}
}
