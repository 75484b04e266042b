package io.accrete.coordinator.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * Sites whose branches add nothing at first. Such a branch learns through what it ends in alone,
 * {@code o_proj} or {@code down_proj}: all before these has a gradient of zero as long as they are
 * zero, and they have one of zero behind a gate of zero.
 *
 * @param sites ascending
 */
record ZeroBranches(SortedSet<Integer> sites) {

    /** Why a site would never learn, and what to do about it. */
    record Objection(String path, String message, String fix) {}

    /** Gates that stay zero keep every branch from learning; those that start so, a zero one. */
    Optional<Objection> behindGates(TrainJob job, AddedParameters added) {
        GateSettings settings = job.clones().gates().orElseThrow();
        Optional<Integer> closed =
                added.gates().entrySet().stream()
                        .filter(gate -> staysZero(settings, gate.getValue()))
                        .map(gate -> gate.getKey())
                        .findFirst();
        if (closed.isPresent()) {
            return Optional.of(
                    new Objection(
                            "clones.gates",
                            "site %d would never learn: its gates are zero and stay so"
                                    .formatted(closed.get()),
                            "write a `clamp` with room above 0, and a `learning_rate` above 0"));
        }
        return sites.stream()
                .filter(added::startsShut)
                .findFirst()
                .map(
                        site ->
                                new Objection(
                                        "clones.gates",
                                        "site %d would never learn: its branches are zero at first"
                                                        .formatted(site)
                                                + " and so are its gates, so neither has a"
                                                + " gradient",
                                        job.grow().isPresent()
                                                ? "let gates start above 0: `clones.gates.init:"
                                                        + " 1`; what `grow` inserts is zero"
                                                : "let one of them start elsewhere:"
                                                        + " `clones.init: copy` with gates of 0, or"
                                                        + " branches of zero with gates of 1"));
    }

    private static boolean staysZero(GateSettings gates, double first) {
        boolean shut =
                gates.clamp()
                        .filter(range -> range.lowest() == 0 && range.highest() == 0)
                        .isPresent();
        return shut || first == 0 && gates.learningRate() == 0;
    }

    /** Whether what a zero branch ends in is left as it is. */
    Optional<Objection> frozen(TrainJob job, List<ParameterSettings> parameters) {
        Set<Projection> ends = Set.of(Projection.O, Projection.DOWN);
        List<Projection> targets = job.lora().map(LoraSettings::targets).orElse(List.of());
        boolean contradicts = job.lora().isPresent() && job.grow().isPresent(); // said already
        if (contradicts || targets.stream().anyMatch(ends::contains)) {
            return Optional.empty();
        }
        Set<String> learning =
                Set.copyOf(
                        parameters.stream()
                                .filter(ParameterSettings::trained)
                                .map(ParameterSettings::name)
                                .toList());
        return sites.stream()
                .filter(
                        site ->
                                ends.stream()
                                        .map(end -> LlamaConfig.layerTensor(site, end.weight()))
                                        .noneMatch(learning::contains))
                .findFirst()
                .map(
                        site ->
                                new Objection(
                                        job.lora().isPresent() ? "lora" : "trainable",
                                        "site %d would never learn: its branches start at zero, and"
                                                        .formatted(site)
                                                + " neither its o_proj nor its down_proj learns",
                                        toLearn(job)));
    }

    /** What {@code grow} inserts is zero whatever {@code clones.init} is. */
    private static String toLearn(TrainJob job) {
        if (job.lora().isPresent()) {
            return "add o_proj and down_proj to `lora.targets`";
        }
        String learn = "let them learn: `trainable: clones`";
        return learn + (job.grow().isPresent() ? ", or all" : ", or write `clones.init: copy`");
    }
}
