package io.accrete.protocol.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the guard against spikes remembers.
 *
 * @param losses of the last steps that were no spikes, oldest first
 * @param norms of the gradient in the same steps
 * @param usual norm of the gradient of each site, and of all that is no site under {@link #OUTSIDE}
 * @param rateFactor of the learning rate; 1 until a step back lowers it
 * @param lastSpike the last step that stood out; 0 for none
 * @param taken actions against the trouble that this step belongs to
 * @param rewinds steps back that the training has made
 * @param pause why the training is to wait for a person, if it is
 */
public record GuardState(
        List<Double> losses,
        List<Double> norms,
        SortedMap<Integer, Double> usual,
        double rateFactor,
        int lastSpike,
        int taken,
        int rewinds,
        Optional<String> pause) {
    /** Steps that a new one is compared with. */
    public static final int WINDOW = 128;

    /** Stands for embedding, last norm and head among the sites. */
    public static final int OUTSIDE = -1;

    /** Share of a step in what is usual for a site. */
    private static final double SHARE = 1.0 / 32;

    public static final GuardState NEW =
            new GuardState(List.of(), List.of(), new TreeMap<>(), 1, 0, 0, 0, Optional.empty());

    public GuardState {
        losses = List.copyOf(losses);
        norms = List.copyOf(norms);
        // Journals of before there were steps back do not say these.
        usual =
                Collections.unmodifiableSortedMap(
                        new TreeMap<>(Objects.requireNonNullElse(usual, new TreeMap<>())));
        rateFactor = rateFactor == 0 ? 1 : rateFactor;
        pause = Objects.requireNonNullElse(pause, Optional.empty());
    }

    /**
     * After a step that is as others are.
     *
     * @param sites norm of the gradient of each
     */
    public GuardState with(double loss, double norm, SortedMap<Integer, Double> sites) {
        TreeMap<Integer, Double> now = new TreeMap<>(usual);
        sites.forEach((site, own) -> now.merge(site, own, (old, x) -> old + SHARE * (x - old)));
        return new GuardState(
                appended(losses, loss),
                appended(norms, norm),
                now,
                rateFactor,
                lastSpike,
                taken,
                rewinds,
                pause);
    }

    /**
     * After a step that stood out.
     *
     * @param actions against this trouble, the last one included
     */
    public GuardState spiked(int step, int actions) {
        return new GuardState(
                losses, norms, usual, rateFactor, step, actions, rewinds, Optional.empty());
    }

    /** A person has to look before it goes on. */
    public GuardState pausing(String why) {
        return new GuardState(
                losses, norms, usual, rateFactor, lastSpike, taken, rewinds, Optional.of(why));
    }

    /** The person has looked. */
    public GuardState resumed() {
        return new GuardState(
                losses, norms, usual, rateFactor, lastSpike, taken, rewinds, Optional.empty());
    }

    /** After a step back. */
    GuardState rewound(Rewind back) {
        return new GuardState(
                losses,
                norms,
                usual,
                back.rateFactor(),
                back.from(),
                back.taken(),
                rewinds + 1,
                pause);
    }

    /**
     * In a model whose sites may be others, at a rate that may begin anew: where losses and norms
     * jump then, they are no spikes.
     */
    GuardState inNextPhase() {
        return new GuardState(
                List.of(),
                List.of(),
                new TreeMap<>(),
                rateFactor,
                lastSpike,
                taken,
                rewinds,
                pause);
    }

    private static List<Double> appended(List<Double> last, double next) {
        List<Double> all = new ArrayList<>(last);
        all.add(next);
        return all.subList(Math.max(0, all.size() - WINDOW), all.size());
    }
}
