package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.protocol.train.CloneSettings.Init;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.GateSettings.Where;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PipelineSettings.Schedule;
import io.accrete.protocol.train.StartingModel;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What settings that are right each by itself cannot be together. */
final class JobChecks {
    private static final List<String> GATES_WITHOUT_KIND =
            Stream.of("init", "learning_rate", "clamp", "sites")
                    .map(key -> "clones.gates." + key)
                    .toList();

    private final TrainJob job;
    private final Map<String, Position> places;
    private final ProblemLog log;

    JobChecks(TrainJob job, Map<String, Position> places, ProblemLog log) {
        this.job = job;
        this.places = places;
        this.log = log;
    }

    void run() {
        data();
        clones();
        gates();
        distill();
        lora();
        grow();
        pipeline();
        if (job.start() instanceof StartingModel.Merge && places.containsKey("sites")) {
            contradiction(
                    "sites",
                    "`recipe` and `sites` both say which layers the model has",
                    "let the slices of the recipe say it");
        }
        if (job.output().which() == OutputSettings.Which.BEST
                && job.data().validation().isEmpty()) {
            contradiction(
                    "output.which",
                    "'output.which' is best, and without `data.validation` no state is known to be"
                            + " better than another",
                    "name validation files, or write `which: last`");
        }
        if (places.containsKey("optimizer.warmup_steps")
                && job.optimizer().warmupSteps() > job.steps()) {
            noEffect(
                    "optimizer.warmup_steps",
                    "the learning rate is still rising after all %d steps: warm-up takes %d"
                            .formatted(job.steps(), job.optimizer().warmupSteps()),
                    "warm up for fewer steps");
        }
    }

    private void data() {
        if (job.data().train().isEmpty()) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    at(places.containsKey("data") ? "data" : ""),
                    "there is nothing to train on: 'data.train' names no file",
                    "write `data: {train: [FILE, ...]}`; .txt and .jsonl files are read");
        }
    }

    private void clones() {
        if (!job.clones().tie()) {
            return;
        }
        if (job.clones().init() == Init.IDENTITY) {
            contradiction(
                    "clones.init",
                    "clones that are tied have the weights of their first site, so they cannot"
                            + " start as identity",
                    "write `tie: false`, or `init: copy` or `init: 1/k`");
        }
        if (job.lora().isEmpty() && job.trainable() instanceof TrainableSet.Clones) {
            contradiction(
                    "trainable",
                    "'trainable' is clones, and clones that are tied have no tensors of their own",
                    "write `tie: false`, or `trainable: all`");
        }
    }

    private void gates() {
        Optional<GateSettings> gates = job.clones().gates();
        if (!places.containsKey("clones.gates.kind")) {
            GATES_WITHOUT_KIND.stream()
                    .filter(places::containsKey)
                    .findFirst()
                    .ifPresent(
                            path ->
                                    noEffect(
                                            path,
                                            "'%s' says how gates are, and there are none without a"
                                                            .formatted(path)
                                                    + " kind",
                                            "write `kind: scalar` or `kind: channel` beside it"));
        }
        if (gates.isEmpty() || gates.get().init().isEmpty() || gates.get().clamp().isEmpty()) {
            return;
        }
        double first = gates.get().init().getAsDouble();
        GateSettings.Clamp range = gates.get().clamp().get();
        if (first < range.lowest() || first > range.highest()) {
            noEffect(
                    "clones.gates.init",
                    "gates start at %s, and are moved into %s to %s after the first step"
                            .formatted(first, range.lowest(), range.highest()),
                    "start within the range, or write `clamp: null`");
        }
    }

    private void distill() {
        Optional<DistillSettings> distill = job.distill();
        if (distill.filter(d -> d.weight() == 0 && d.hidden().isEmpty()).isPresent()) {
            noEffect(
                    "distill.weight",
                    "the teacher is asked and has no effect: 'distill.weight' is 0, and no states"
                            + " are matched",
                    "write a weight above 0, list sites in `hidden`, or leave `distill` out");
        }
        if (places.containsKey("distill.hidden_weight")
                && distill.filter(d -> d.hidden().isEmpty()).isPresent()) {
            noEffect(
                    "distill.hidden_weight",
                    "'distill.hidden_weight' weighs states that are matched, and none are",
                    "list sites: `hidden: [1, 2]`, or leave it out");
        }
    }

    private void lora() {
        if (job.lora().isPresent() && job.clones().tie()) {
            noEffect(
                    "clones.tie",
                    "with `lora` the weights that would be tied are frozen, and each site has"
                            + " low-rank matrices of its own",
                    "leave out `tie`, and `untie_at`");
        }
        if (job.lora().isPresent() && !(job.trainable() instanceof TrainableSet.All)) {
            contradiction(
                    "trainable",
                    "with `lora` the low-rank matrices learn and all of the model's own tensors are"
                            + " frozen, so `trainable` cannot choose among them",
                    "leave out one of the two");
        }
    }

    private void grow() {
        if (job.clones().untieAt().isPresent() && !job.clones().tie()) {
            contradiction(
                    "clones.untie_at",
                    "'clones.untie_at' says when tied clones learn apart, and none are tied",
                    "write `tie: true`, or leave it out");
        }
        if (job.grow().isEmpty()) {
            untie();
            return;
        }
        if (job.clones().tie()) {
            contradiction(
                    "clones.tie",
                    "sites that `grow` inserts learn for themselves, so clones cannot be tied",
                    "write `tie: false`");
        }
        if (job.lora().isPresent()) {
            contradiction(
                    "lora",
                    "branches of sites that `grow` inserts start at zero and have to learn; with"
                            + " `lora` they would be frozen",
                    "leave out one of the two");
        }
        plateau();
        if (job.clones().gates().filter(g -> g.where() instanceof Where.Listed).isPresent()) {
            contradiction(
                    "clones.gates.sites",
                    "sites have other numbers in each round of `grow`, so gates cannot be listed",
                    "write `sites: clones` or `sites: all-copies`");
        }
    }

    private void untie() {
        int at = job.clones().untieAt().orElse(0);
        if (at >= job.steps()) {
            noEffect(
                    "clones.untie_at",
                    "tied clones would learn apart after step %d, and there are %d steps"
                            .formatted(at, job.steps()),
                    "write a number below %d, or leave it out".formatted(job.steps()));
        }
    }

    private void plateau() {
        if (places.containsKey("grow.plateau")
                && job.grow().flatMap(GrowSettings::plateau).isPresent()
                && job.data().validation().isEmpty()) {
            noEffect(
                    "grow.plateau",
                    "'grow.plateau' ends a round where the validation loss is flat, and there is no"
                            + " `data.validation`",
                    "name validation files, or write `plateau: null`");
        }
    }

    private void pipeline() {
        int slices = job.pipeline().slicesPerStage();
        Schedule schedule = job.pipeline().schedule();
        if (schedule == Schedule.INTERLEAVED && slices == 1) {
            noEffect(
                    "pipeline.schedule",
                    "interleaved with one slice on each stage is the same as 1f1b",
                    "write `slices_per_stage: 2` or more");
        }
        if (schedule != Schedule.INTERLEAVED && slices > 1) {
            contradiction(
                    "pipeline.slices_per_stage",
                    "'pipeline.slices_per_stage' is %d, and %s has one slice on each stage"
                            .formatted(slices, JobSection.word(schedule)),
                    "write `schedule: interleaved`, or leave the key out");
        }
    }

    private void contradiction(String path, String message, String fix) {
        log.error(JobFault.CONTRADICTION, at(path), message, fix);
    }

    private void noEffect(String path, String message, String fix) {
        log.slip(JobFault.NO_EFFECT, at(path), message, fix);
    }

    private Position at(String path) {
        Position known = places.get(path);
        if (known == null) {
            throw new IllegalStateException("a check of a value that is not there: " + path);
        }
        return known;
    }
}
