package io.accrete.coordinator.train;

import io.accrete.protocol.model.Projection;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.GateSettings.Where;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.SpikeAction;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a job does for its model beyond plain fine-tuning, in a sentence each. */
final class Remedies {
    /** Rounds of a growth that have a sentence each. */
    private static final int ROUNDS_MAX = 6;

    private final List<String> sentences = new ArrayList<>();

    private Remedies() {}

    /**
     * @param model that the job names
     */
    static List<String> of(TrainJob job, TrainedModel model, Baseline baseline) {
        Remedies all = new Remedies();
        boolean hasClones = model.as(job).lineage().hasClones();
        if (hasClones) {
            all.clones(job.clones(), GrowthOrder.objection(job, model.layers()).isEmpty());
        }
        job.grow().ifPresent(own -> all.grow(own, job, model.as(job).layers()));
        if (hasClones || job.grow().isPresent()) {
            all.rate(job.clones().learningRate());
        }
        job.clones()
                .gates()
                .filter(
                        own ->
                                hasClones
                                        || job.grow().isPresent()
                                        || own.where() instanceof Where.Listed)
                .ifPresent(all::gates);
        job.learningRates()
                .forEach(
                        rule ->
                                all.say(
                                        "the learning rate is multiplied by %s for %s"
                                                .formatted(rule.multiplier(), rule.pattern())));
        all.trainable(job.trainable());
        job.lora().ifPresent(all::lora);
        job.distill().ifPresent(all::distill);
        job.monitor().spike().ifPresent(all::guard);
        if (baseline instanceof Baseline.Also) {
            all.say(
                    "the untouched base is fine-tuned on the same rows%s: the fair bar"
                            .formatted(
                                    job.mayEndEarly()
                                            ? ", after the growth, in as many steps as that took"
                                            : ""));
        }
        return all.sentences;
    }

    private void say(String sentence) {
        sentences.add(sentence);
    }

    private void clones(CloneSettings clones, boolean grows) {
        say(
                switch (clones.init()) {
                    case COPY -> "clones start with the weights of their layers";
                    case IDENTITY ->
                            "clones start as identity: o_proj and down_proj are zero, so that the"
                                    + " logits are those of %s"
                                            .formatted(
                                                    grows ? "the base" : "the model without them");
                    case ONE_OVER_K ->
                            "the branches of a layer with k sites are divided by k, so that they"
                                    + " add up to one";
                });
        if (clones.tie()) {
            say(
                    "all sites of a layer share its weights"
                            + (clones.untieAt().isPresent()
                                    ? " until step %d, and learn apart from there on"
                                            .formatted(clones.untieAt().getAsInt())
                                    : ""));
        }
    }

    private void grow(GrowSettings grow, TrainJob job, int layers) {
        say(
                "layers are inserted in rounds, as identity"
                        + (grow.stepsBefore() > 0
                                ? ", the first after %,d steps".formatted(grow.stepsBefore())
                                : ""));
        List<Integer> sites = IntStream.range(0, layers).boxed().toList();
        rounds(Growth.of(grow, sites, job.steps()));
        if (!job.data().validation().isEmpty()) {
            grow.plateau()
                    .ifPresent(
                            rule ->
                                    say(
                                            "a round ends after %d validations without a gain of %s, not"
                                                            .formatted(
                                                                    rule.patience(), rule.delta())
                                                    + " before %,d steps, and with its last step"
                                                            .formatted(rule.minimumSteps())));
        }
    }

    private void rounds(List<Growth.Stage> stages) {
        List<Growth.Stage> rounds = stages.stream().filter(s -> !s.inserted().isEmpty()).toList();
        for (int i = 0; i < Math.min(rounds.size(), ROUNDS_MAX); i++) {
            Growth.Stage round = rounds.get(i);
            List<Integer> copied = round.inserted().stream().map(round.origins()::get).toList();
            say(
                    "round %d copies %s %s, to %d layers, in %,d steps at most"
                            .formatted(
                                    i + 1,
                                    copied.size() > 1 ? "sites" : "site",
                                    listed(copied),
                                    round.layers().size(),
                                    round.steps()));
        }
        if (rounds.size() > ROUNDS_MAX) {
            say(
                    "%d more rounds follow, up to %d layers"
                            .formatted(
                                    rounds.size() - ROUNDS_MAX, rounds.getLast().layers().size()));
        }
    }

    private static String listed(List<Integer> sites) {
        return sites.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private void rate(CloneSettings.Rate rate) {
        if (rate == CloneSettings.Rate.ONE_OVER_K) {
            say("the learning rate is divided by k at the sites of a layer with k sites");
        }
    }

    private void gates(GateSettings gates) {
        String first =
                gates.init().isPresent() ? Double.toString(gates.init().getAsDouble()) : "1/k";
        String where =
                switch (gates.where()) {
                    case Where.Clones() -> "of clones";
                    case Where.AllCopies() -> "of layers with several sites";
                    case Where.Listed(List<Integer> sites) -> "of sites " + listed(sites);
                };
        say(
                "each branch %s has a %s gate, from %s, with %s x the learning rate%s; it is folded into o_proj and down_proj at the end"
                        .formatted(
                                where,
                                JobSection.word(gates.kind()),
                                first,
                                gates.learningRate(),
                                gates.clamp()
                                        .map(
                                                range ->
                                                        ", from %s to %s"
                                                                .formatted(
                                                                        range.lowest(),
                                                                        range.highest()))
                                        .orElse("")));
    }

    private void trainable(TrainableSet set) {
        switch (set) {
            case TrainableSet.All() -> {}
            case TrainableSet.Clones() -> say("only clones learn");
            case TrainableSet.Norms() -> say("only the weights of normalisations learn");
            case TrainableSet.Matching(List<String> patterns) ->
                    say("only tensors learn that match " + String.join(", ", patterns));
        }
    }

    private void lora(LoraSettings lora) {
        say(
                "only low-rank matrices learn: rank %d, scale %s, at %s; they are merged at the end"
                        .formatted(
                                lora.rank(),
                                lora.scale(),
                                lora.targets().stream()
                                        .map(Projection::weight)
                                        .map(
                                                name ->
                                                        name.replaceAll(
                                                                "^.*\\.(\\w+)\\.weight$", "$1"))
                                        .collect(Collectors.joining(", "))));
    }

    private void distill(DistillSettings distill) {
        String teacher =
                switch (distill.teacher()) {
                    case Teacher.Folder(String model) -> model;
                    case Teacher.Self() -> "the model itself without its clones";
                };
        say(
                "the teacher is %s: weight %s at temperature %s%s"
                        .formatted(
                                teacher,
                                distill.weight(),
                                distill.temperature(),
                                distill.hidden().isEmpty()
                                        ? ""
                                        : ", states matched after sites %s with weight %s"
                                                .formatted(
                                                        distill.hidden(), distill.hiddenWeight())));
    }

    private void guard(SpikeSettings spike) {
        say(
                "a step that stands out by %s robust deviations: %s"
                        .formatted(
                                spike.z(),
                                spike.then().stream()
                                        .map(Remedies::action)
                                        .collect(Collectors.joining(", the next time "))));
    }

    private static String action(SpikeAction action) {
        return switch (action) {
            case SpikeAction.Skip() -> "skip it";
            case SpikeAction.RollBack(int steps, double rate, boolean skipData) ->
                    "go back %d steps, with %s x the rate%s"
                            .formatted(steps, rate, skipData ? " and other rows" : "");
            case SpikeAction.Pause() -> "pause";
        };
    }
}
