package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.GrowSettings.Rounds;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.RateRule;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a job asks of its model and the model does not have. */
final class PlanChecks {
    private static final String NO_CLONE_KNOWN = "no layer of the model is known to be a clone";
    static final String GIVE_LINEAGE =
            "grow the model with `accrete merge` or `sites`, or give its folder the accrete.json of"
                    + " its merge";

    private final ParsedJob parsed;
    private final TrainJob job;
    private final ProblemLog log;

    PlanChecks(ParsedJob parsed, TrainJob job, ProblemLog log) {
        this.parsed = parsed;
        this.job = job;
        this.log = log;
    }

    /** Whether all layers that {@code sites} names are there. */
    boolean layersAreThere(TrainedModel model) {
        Optional<Integer> missing =
                job.sites().stream().filter(layer -> layer >= model.layers()).findFirst();
        missing.ifPresent(
                layer ->
                        error(
                                PlanFault.LAYER_MISSING,
                                "sites",
                                "`sites` has layer %d, and the model has layers 0..%d"
                                        .formatted(layer, model.layers() - 1),
                                "name layers that the model has"));
        return missing.isEmpty();
    }

    /**
     * Whether what grows in rounds is the model, whose layers all come in their order. Without
     * rounds other layers are a warning where any are repeated, else they are left out on purpose.
     */
    boolean growth(TrainedModel model) {
        if (job.grow().isPresent()) {
            Optional<String> other = GrowthOrder.otherLayers(job, model.layers());
            other.ifPresent(
                    why ->
                            error(
                                    PlanFault.NO_SUPER_SEQUENCE,
                                    "sites",
                                    "`grow` grows the model, and `sites` is another one: %s"
                                            .formatted(why),
                                    "name all layers in their order, copies after them:"
                                            + " `sites: [0, 1, 1, 2]`; or train these sites without"
                                            + " `grow`, and grow the result"));
            return other.isEmpty();
        }
        GrowthOrder.objection(job, model.layers())
                .ifPresent(
                        why ->
                                warn(
                                        PlanFault.NO_GROWTH,
                                        "sites",
                                        "`sites` repeats layers and is no growth: %s, so that the model"
                                                        .formatted(why)
                                                + " does not begin as its base, whatever clones do",
                                        "name all layers in their order, copies after them:"
                                                + " `sites: [0, 1, 1, 2]`"));
        return true;
    }

    /** Says where a base is trained as the bar and no loss is measured that it could be. */
    void bar(Baseline baseline) {
        if (baseline instanceof Baseline.Also && job.data().validation().isEmpty()) {
            warn(
                    PlanFault.NO_BAR,
                    "baseline",
                    "`baseline` is true, and there is no `data.validation`: the base is trained,"
                            + " and no loss is measured by which it would be the fair bar",
                    "name validation files, or write `baseline: false`");
        }
    }

    /** Whether each round of a growth copies sites that there are then. */
    boolean roundsAreThere(TrainedModel model) {
        if (job.grow().isEmpty()) {
            return true;
        }
        List<Integer> layers = TrainPhases.layers(job, model);
        if (job.grow().get().rounds() instanceof Rounds.Ordered(_, _, int until)
                && until <= layers.size()) {
            error(
                    PlanFault.LAYER_MISSING,
                    "grow.rounds.until",
                    "`grow.rounds.until` is %d, and the model has %d layers already"
                            .formatted(until, layers.size()),
                    "write a greater number");
            return false;
        }
        try {
            plateau(job.grow().get(), Growth.of(job.grow().get(), layers, job.steps()));
            return true;
        } catch (IllegalArgumentException e) {
            error(
                    PlanFault.LAYER_MISSING,
                    "grow.rounds",
                    String.valueOf(e.getMessage()),
                    "sites are counted in the model as it is before the round; more layers come"
                            + " with fewer rounds through `add`");
            return false;
        }
    }

    /** Whether a plateau that the job asks for can end any round. */
    private void plateau(GrowSettings grow, List<Growth.Stage> rounds) {
        if (grow.plateau().isEmpty()
                || !parsed.places().containsKey("grow.plateau")
                || job.data().validation().isEmpty()) {
            return;
        }
        GrowSettings.Plateau rule = grow.plateau().get();
        int longest = 0;
        for (int round = 0; round < rounds.size(); round++) {
            int steps = rounds.get(round).steps();
            if (steps >= PlateauRule.earliest(rule, job.monitor().validateEvery(), round == 0)) {
                return;
            }
            longest = Math.max(longest, steps);
        }
        boolean tooShort = longest < rule.minimumSteps();
        log.slip(
                JobFault.NO_EFFECT,
                parsed.at("grow.plateau"),
                tooShort
                        ? ("'grow.plateau' ends no round before %d steps, and no round has"
                                        + " more than %d")
                                .formatted(rule.minimumSteps(), longest)
                        : ("'grow.plateau' can end no round: %d validations, one every %d steps,"
                                        + " come too late for its steps, %d at most; each ends with"
                                        + " its last step")
                                .formatted(rule.patience(), job.monitor().validateEvery(), longest),
                tooShort
                        ? "write `minimum_steps: %d` or less, or `plateau: null`".formatted(longest)
                        : "write a smaller `patience` or `monitor.validate_every`, or `plateau:"
                                + " null`");
    }

    /** Whether the model has the sites and the matrices that parameters are added to. */
    boolean canTake(TrainedModel model, AddedParameters added, ZeroBranches zero) {
        boolean gatesFit = job.clones().gates().isEmpty() || gates(model, added, zero);
        Optional<String> missing =
                IntStream.range(0, model.layers())
                        .boxed()
                        .flatMap(site -> changed(site, added))
                        .filter(name -> !model.tensors().containsKey(name))
                        .findFirst();
        missing.ifPresent(
                name ->
                        error(
                                PlanFault.NO_LLAMA,
                                job.lora().isPresent() ? "lora" : "clones.gates",
                                "the model has no `%s` to add parameters to".formatted(name),
                                "only models of the Llama family can be trained"));
        return gatesFit && missing.isEmpty();
    }

    /** Names of the matrices that gates or low-rank matrices are folded into at the end. */
    private static Stream<String> changed(int site, AddedParameters added) {
        Stream<Projection> gated =
                added.gates().containsKey(site)
                        ? Stream.of(Projection.O, Projection.DOWN)
                        : Stream.empty();
        return Stream.concat(gated, added.targets().stream())
                .map(projection -> LlamaConfig.layerTensor(site, projection.weight()));
    }

    private boolean gates(TrainedModel model, AddedParameters added, ZeroBranches zero) {
        GateSettings settings = job.clones().gates().orElseThrow();
        if (settings.where() instanceof GateSettings.Where.Listed(var sites)) {
            Optional<Integer> beyond =
                    sites.stream().filter(site -> site >= model.layers()).findFirst();
            beyond.ifPresent(
                    site ->
                            error(
                                    PlanFault.LAYER_MISSING,
                                    "clones.gates.sites",
                                    "`clones.gates.sites` has site %d, and the model has sites 0..%d"
                                            .formatted(site, model.layers() - 1),
                                    "name sites that the model has"));
            return beyond.isEmpty() && canLearn(zero.behindGates(job, added));
        }
        if (added.gates().isEmpty()) {
            error(
                    PlanFault.NO_CLONES,
                    "clones.gates",
                    "there is no site to gate: " + NO_CLONE_KNOWN,
                    GIVE_LINEAGE + ", or list sites: `sites: [2, 4]`");
        }
        return !added.gates().isEmpty() && canLearn(zero.behindGates(job, added));
    }

    private boolean canLearn(Optional<ZeroBranches.Objection> objection) {
        objection.ifPresent(
                one -> error(PlanFault.NEVER_LEARNS, one.path(), one.message(), one.fix()));
        return objection.isEmpty();
    }

    /**
     * @param model as it is trained, with its sites
     */
    void run(TrainedModel model, List<ParameterSettings> parameters, ZeroBranches zero) {
        clones(model);
        canLearn(zero.frozen(job, parameters));
        patterns(parameters);
        job.lora().ifPresent(lora -> rank(lora, model));
        if (job.distill().filter(d -> d.teacher() instanceof Teacher.Self).isPresent()) {
            SelfTeacher.objection(job, model, parameters)
                    .ifPresent(
                            why ->
                                    error(
                                            PlanFault.SELF_TEACHER,
                                            "distill.teacher",
                                            "the model cannot teach itself: " + why.why(),
                                            why.fix()));
        }
        if (parameters.stream().noneMatch(ParameterSettings::trained)) {
            error(
                    PlanFault.NOTHING_LEARNS,
                    "trainable",
                    "no tensor of the model learns",
                    "choose another `trainable`: all, norms, or patterns that match");
        } else {
            rates(parameters);
        }
        model.tensors().values().stream()
                .filter(spec -> !spec.dtype().isFloating())
                .findFirst()
                .ifPresent(this::notFloating);
        model.config()
                .find("max_position_embeddings")
                .filter(positions -> positions.asInt() > 0)
                .filter(positions -> positions.asInt() < job.data().sequenceLength())
                .ifPresent(
                        positions ->
                                warn(
                                        PlanFault.LONG_ROWS,
                                        "data.sequence_length",
                                        "rows have %d ids, and the model was made for %d"
                                                .formatted(
                                                        job.data().sequenceLength(),
                                                        positions.asInt()),
                                        "write a `sequence_length` of at most "
                                                + positions.asInt()));
    }

    /** Says where a product of two matrices has more numbers than it can make use of. */
    private void rank(LoraSettings lora, TrainedModel model) {
        for (Projection target : lora.targets()) {
            List<Long> sides = model.matrix(0, target).extents();
            long most = Math.min(sides.getFirst(), sides.getLast());
            if (lora.rank() > most) {
                log.slip(
                        JobFault.NO_EFFECT,
                        parsed.at("lora.rank"),
                        "'lora.rank' is %d, and %s of the model is %s: no change of it has a rank"
                                        .formatted(lora.rank(), target.target(), sides)
                                + " above %d".formatted(most),
                        "write `rank: %d` or less".formatted(most));
                return;
            }
        }
    }

    /** Whether anything that learns has a rate above zero. */
    private void rates(List<ParameterSettings> parameters) {
        if (parameters.stream().anyMatch(own -> own.trained() && own.rateMultiplier() > 0)) {
            return;
        }
        String path =
                job.learningRates().isEmpty() ? "clones.gates.learning_rate" : "learning_rates";
        warn(
                PlanFault.STANDS_STILL,
                path,
                "nothing changes: the learning rates of all that learns are multiplied by 0",
                "write a multiplier above 0 in `%s`, or leave it out".formatted(path));
    }

    private void notFloating(TensorSpec spec) {
        error(
                PlanFault.NOT_FLOATING,
                "model",
                "%s is %s: quantised models cannot be trained".formatted(spec.name(), spec.dtype()),
                "take the model as it was before it was quantised");
    }

    private void clones(TrainedModel model) {
        if (model.lineage().hasClones()) {
            return;
        }
        String why = NO_CLONE_KNOWN;
        String fix = GIVE_LINEAGE;
        if (job.trainable() instanceof TrainableSet.Clones) {
            error(
                    PlanFault.NO_CLONES,
                    "trainable",
                    "`trainable` is clones, and " + why,
                    job.grow().isPresent()
                            ? "leave out `grow.steps_before`, or let more learn: `trainable: all`"
                            : fix);
        }
        if (job.clones().init() != CloneSettings.Init.COPY) {
            error(PlanFault.NO_CLONES, "clones.init", "`clones.init` has no effect: " + why, fix);
        }
        if (job.clones().tie() || job.clones().learningRate() != CloneSettings.Rate.ONE) {
            warn(PlanFault.NO_CLONES, "clones", "`clones` has no effect: " + why, fix);
        }
    }

    private void patterns(List<ParameterSettings> parameters) {
        if (job.trainable() instanceof TrainableSet.Matching(var patterns)) {
            for (String pattern : patterns) {
                if (matchesNone(pattern, parameters)) {
                    error(
                            PlanFault.PATTERN_WITHOUT_MATCH,
                            "trainable",
                            "no parameter matches '%s' of `trainable`".formatted(pattern),
                            example(parameters));
                }
            }
        }
        for (RateRule rule : job.learningRates()) {
            if (matchesNone(rule.pattern(), parameters)) {
                warn(
                        PlanFault.PATTERN_WITHOUT_MATCH,
                        "learning_rates." + rule.pattern(),
                        "no parameter matches '%s' of `learning_rates`".formatted(rule.pattern()),
                        example(parameters));
            }
        }
    }

    private static boolean matchesNone(String pattern, List<ParameterSettings> parameters) {
        NamePattern known = new NamePattern(pattern);
        return parameters.stream().noneMatch(parameter -> known.matches(parameter.name()));
    }

    private static String example(List<ParameterSettings> parameters) {
        return parameters.isEmpty()
                ? "remove it"
                : "patterns match whole names, such as " + parameters.getFirst().name();
    }

    void error(PlanFault fault, String path, String message, String fix) {
        log.error(fault, parsed.at(path), message, fix);
    }

    private void warn(PlanFault fault, String path, String message, String fix) {
        log.slip(fault, parsed.at(path), message, fix);
    }
}
