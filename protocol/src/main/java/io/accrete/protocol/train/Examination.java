package io.accrete.protocol.train;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a trained model is beside the model that it grew from, measured on some of the text.
 *
 * @param tokens scored, of the validation files, else of the training files
 * @param baseLoss mean in nats of the model that it grew from, untouched
 * @param loss mean in nats of the result
 * @param sites in order
 * @param finalNorm states after the last norm against those of the base
 * @param samples the same beginnings as each of both goes on
 * @param basePace of the base
 * @param pace of the result
 */
public record Examination(
        long tokens,
        double baseLoss,
        double loss,
        List<SiteFigures> sites,
        Drift finalNorm,
        List<Sample> samples,
        Pace basePace,
        Pace pace) {
    public Examination {
        sites = List.copyOf(sites);
        samples = List.copyOf(samples);
    }

    /**
     * How far states x' are from states x.
     *
     * @param relativeMean of {@code |x' - x| / |x|} over all positions
     * @param relativeFrobenius the same with the norms over all positions at once
     * @param cosineMean of the cosine of x' and x over all positions
     */
    public record Drift(double relativeMean, double relativeFrobenius, double cosineMean) {}

    /**
     * A layer of the result.
     *
     * @param againstBase the state after it against the base's after the same source layer; null
     *     where the base has no such layer
     * @param change the state after it against the state before it: the profile of the seams
     * @param lossWithout of the result without this layer, for clones; null where not measured
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
