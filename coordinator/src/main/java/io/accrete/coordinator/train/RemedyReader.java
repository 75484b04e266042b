package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.LoraSettings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The sections of a job file that say how surgery heals: clones and gates, LoRA, a teacher. */
final class RemedyReader {
    private static final Interval SITE = Interval.from(0, 999_999);
    private static final Interval COUNT = Interval.from(1, Integer.MAX_VALUE);
    private static final Interval RANK = Interval.from(1, 65_536);
    private static final double GATE_RATE = 10;

    /** A gate far beyond 1 overflows what it multiplies, and the model would be blamed. */
    private static final Interval GATE = Interval.from(-1_000_000, 1_000_000);

    private static final List<String> TARGETS =
            Stream.of(Projection.values()).map(Projection::target).toList();

    private enum GateKind {
        NONE,
        SCALAR,
        CHANNEL
    }

    private final ProblemLog log;

    RemedyReader(ProblemLog log) {
        this.log = log;
    }

    CloneSettings clones(JobSection clones) {
        return new CloneSettings(
                clones.choice("init", CloneSettings.Init.COPY),
                clones.flag("tie", false),
                clones.optional("untie_at").isPresent()
                        ? OptionalInt.of(clones.whole("untie_at", 1, COUNT))
                        : OptionalInt.empty(),
                clones.choice("learning_rate", CloneSettings.Rate.ONE),
                gates(clones.sub("gates")));
    }

    private static Optional<GateSettings> gates(JobSection gates) {
        GateKind kind = gates.choice("kind", GateKind.NONE);
        GateSettings settings =
                new GateSettings(
                        kind == GateKind.CHANNEL
                                ? GateSettings.Kind.CHANNEL
                                : GateSettings.Kind.SCALAR,
                        firstValue(gates),
                        gates.number("learning_rate", GATE_RATE, Interval.NOT_NEGATIVE),
                        clamp(gates),
                        where(gates));
        return kind == GateKind.NONE ? Optional.empty() : Optional.of(settings);
    }

    private static OptionalDouble firstValue(JobSection gates) {
        Optional<YamlNode> node = gates.value("init");
        return node.isEmpty() || node.get() instanceof Scalar word && word.text().equals("1/k")
                ? OptionalDouble.empty()
                : gates.number("init", node.get(), GATE).stream()
                        .mapToDouble(Double::doubleValue)
                        .findFirst();
    }

    private static Optional<GateSettings.Clamp> clamp(JobSection gates) {
        Optional<YamlNode> node = gates.optional("clamp");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        List<Double> ends = new ArrayList<>();
        boolean pair = node.get() instanceof Sequence list && list.items().size() == 2;
        if (pair) {
            ((Sequence) node.get())
                    .items()
                    .forEach(n -> gates.number("clamp", n, GATE).ifPresent(ends::add));
            if (ends.size() < 2) {
                return Optional.empty(); // said already
            }
        }
        if (!pair || ends.getFirst() > ends.getLast()) {
            gates.wrong("clamp", node.get(), "a list of the lowest and the highest value, or null");
            return Optional.empty();
        }
        return Optional.of(new GateSettings.Clamp(ends.getFirst(), ends.getLast()));
    }

    private static GateSettings.Where where(JobSection gates) {
        Optional<YamlNode> node = gates.value("sites");
        if (node.isEmpty()) {
            return new GateSettings.Where.Clones();
        }
        if (node.get() instanceof Sequence) {
            return new GateSettings.Where.Listed(gates.wholes("sites", SITE));
        }
        return switch (node.get() instanceof Scalar word ? word.text() : "") {
            case "clones" -> new GateSettings.Where.Clones();
            case "all-copies" -> new GateSettings.Where.AllCopies();
            default -> {
                gates.unknownWord(
                        "sites", node.get(), List.of("clones", "all-copies", "a list of sites"));
                yield new GateSettings.Where.Clones();
            }
        };
    }

    Optional<LoraSettings> lora(JobSection lora) {
        if (!lora.isPresent()) {
            return Optional.empty();
        }
        if (lora.number("dropout", 0, Interval.BELOW_ONE) > 0) {
            log.error(
                    JobFault.NOT_YET,
                    lora.at("dropout"),
                    "`lora.dropout` does not run yet",
                    "write `dropout: 0`, or leave it out");
        }
        return Optional.of(
                new LoraSettings(
                        lora.whole("rank", 8, RANK),
                        lora.number("alpha", 16, Interval.POSITIVE),
                        targets(lora),
                        lora.isNull("adapter") ? Optional.empty() : lora.text("adapter")));
    }

    private static List<Projection> targets(JobSection lora) {
        Optional<YamlNode> node = lora.value("targets");
        if (node.isEmpty()) {
            return List.of(Projection.Q, Projection.V);
        }
        List<YamlNode> items =
                node.get() instanceof Sequence list ? list.items() : List.of(node.get());
        if (items.isEmpty()) {
            lora.wrong("targets", node.get(), "a list of projections, such as [q_proj, v_proj]");
        }
        List<Projection> targets = new ArrayList<>();
        for (YamlNode item : items) {
            Optional<Projection> target =
                    Stream.of(Projection.values())
                            .filter(p -> item instanceof Scalar s && s.text().equals(p.target()))
                            .findFirst();
            target.ifPresentOrElse(targets::add, () -> lora.unknownWord("targets", item, TARGETS));
        }
        return targets;
    }

    Optional<DistillSettings> distill(JobSection distill) {
        if (!distill.isPresent()) {
            return Optional.empty();
        }
        List<Integer> hidden = distill.wholes("hidden", SITE);
        if (!hidden.equals(hidden.stream().distinct().sorted().toList())) {
            distill.wrong(
                    "hidden",
                    distill.value("hidden").orElseThrow(),
                    "a list of sites that ascend, each of them once");
        }
        double hiddenWeight = distill.number("hidden_weight", 1, Interval.POSITIVE);
        double weight = distill.number("weight", 0.5, Interval.SHARE);
        double temperature = distill.number("temperature", 2, Interval.POSITIVE);
        Optional<String> teacher = distill.text("teacher");
        if (teacher.isEmpty() && distill.optional("teacher").isEmpty()) {
            distill.missing("teacher", "name a model, or write `teacher: self`");
        }
        return teacher.map(
                name ->
                        new DistillSettings(
                                name.equals("self")
                                        ? new DistillSettings.Teacher.Self()
                                        : new DistillSettings.Teacher.Folder(name),
                                weight,
                                temperature,
                                hidden,
                                hiddenWeight));
    }
}
