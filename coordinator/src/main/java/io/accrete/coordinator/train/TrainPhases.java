package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.Inheritance;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.PhaseSteps;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The phases of a training: one for each round of a growth and one for the steps before them, two
 * where tied clones learn apart from some step on, else one.
 */
final class TrainPhases {
    private TrainPhases() {}

    /**
     * A phase before it is planned.
     *
     * @param job for this phase alone: its sites, what learns in it
     * @param layers for each site the layer of the job's model that it comes from
     * @param branchFactors what {@code o_proj} and {@code down_proj} of the layer are multiplied
     *     with at each site
     * @param origins sites of the phase before
     * @param inserted sites that are new
     */
    record Phase(
            TrainJob job,
            List<Integer> layers,
            List<Double> branchFactors,
            List<Integer> origins,
            SortedSet<Integer> inserted,
            PhaseSteps steps) {

        /** Sites whose branches are zero when the phase begins. */
        SortedSet<Integer> zeroSites() {
            if (job.grow().isPresent()) {
                return inserted;
            }
            SortedSet<Integer> zero = new TreeSet<>();
            for (int site = 0; site < branchFactors.size(); site++) {
                if (branchFactors.get(site) == 0) {
                    zero.add(site);
                }
            }
            return zero;
        }

        Inheritance inheritance(List<ParameterSettings> before) {
            return new Inheritance(origins, inserted, before);
        }
    }

    /**
     * @param model that the job names, before its {@code sites}
     * @throws IllegalArgumentException if a round copies a site that there is not
     */
    static List<Phase> of(TrainJob job, TrainedModel model) {
        List<Integer> layers = layers(job, model);
        List<Double> factors =
                model.as(job).lineage().sites().stream()
                        .map(site -> branchFactor(job.clones().init(), site))
                        .toList();
        if (job.grow().isPresent()) {
            TrainJob first =
                    model.as(job).lineage().hasClones() ? job : job.withClones(CloneSettings.NONE);
            return rounds(job, first, layers, factors);
        }
        List<Integer> same = IntStream.range(0, layers.size()).boxed().toList();
        PhaseSteps all = new PhaseSteps(job.steps(), job.steps(), false);
        int tied = job.clones().untieAt().orElse(job.steps());
        if (tied >= job.steps()) {
            return List.of(new Phase(job, layers, factors, same, new TreeSet<>(), all));
        }
        return List.of(
                new Phase(
                        job,
                        layers,
                        factors,
                        same,
                        new TreeSet<>(),
                        new PhaseSteps(tied, job.steps(), false)),
                new Phase(
                        job.withClones(job.clones().untied()),
                        layers,
                        factors,
                        same,
                        new TreeSet<>(),
                        new PhaseSteps(job.steps() - tied, job.steps(), false)));
    }

    /** For each site of the job's model the layer of the model that the job names. */
    static List<Integer> layers(TrainJob job, TrainedModel model) {
        return job.sites().isEmpty()
                ? IntStream.range(0, model.layers()).boxed().toList()
                : job.sites();
    }

    private static double branchFactor(CloneSettings.Init init, Site site) {
        return switch (init) {
            case COPY -> 1;
            case IDENTITY -> site.occurrence() == 0 ? 1 : 0;
            case ONE_OVER_K -> 1.0 / site.copies();
        };
    }

    /**
     * @param asItIs the job of a phase that inserts nothing
     */
    private static List<Phase> rounds(
            TrainJob job, TrainJob asItIs, List<Integer> layers, List<Double> factors) {
        GrowSettings grow = job.grow().orElseThrow();
        List<Growth.Stage> rounds = Growth.of(grow, layers, job.steps());
        int all = rounds.stream().mapToInt(Growth.Stage::steps).sum();
        List<Phase> phases = new ArrayList<>();
        List<Double> before = factors;
        List<Integer> places = IntStream.range(0, layers.size()).boxed().toList();
        for (Growth.Stage round : rounds) {
            places = places.stream().map(round.origins()::indexOf).toList();
            List<Double> now = new ArrayList<>();
            for (int site = 0; site < round.layers().size(); site++) {
                int origin = round.origins().get(site);
                now.add(round.inserted().contains(site) ? 0 : before.get(origin));
            }
            phases.add(
                    new Phase(
                            round.inserted().isEmpty() ? asItIs : inRound(job, round, places),
                            round.layers(),
                            now,
                            round.origins(),
                            round.inserted(),
                            grow.oneSchedule()
                                    ? new PhaseSteps(round.steps(), all, false)
                                    : new PhaseSteps(round.steps(), round.steps(), true)));
            before = now;
        }
        return phases;
    }

    /**
     * In a round the clones that learn are those that it inserts.
     *
     * @param places for each site of the model before the growth the one that it is now: a copy
     *     stands after its site
     */
    private static TrainJob inRound(TrainJob job, Growth.Stage round, List<Integer> places) {
        Optional<DistillSettings> taught =
                job.distill()
                        .map(
                                own ->
                                        own.withHidden(
                                                own.hidden().stream().map(places::get).toList()));
        TrainJob grown = job.withSites(round.layers()).withDistill(taught);
        return job.trainable() instanceof TrainableSet.Clones
                ? grown.withTrainable(
                        new TrainableSet.Matching(
                                round.inserted().stream()
                                        .map(site -> LlamaConfig.layerTensor(site, "*"))
                                        .toList()))
                : grown;
    }
}
