package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The keys of a job file, section by section. */
final class JobKeys {
    private static final Map<String, List<String>> SECTIONS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry(
                                    "",
                                    List.of(
                                            "model",
                                            "recipe",
                                            "sites",
                                            "clones",
                                            "trainable",
                                            "learning_rates",
                                            "lora",
                                            "distill",
                                            "data",
                                            "baseline",
                                            "batch",
                                            "optimizer",
                                            "steps",
                                            "grow",
                                            "pipeline",
                                            "checkpoint",
                                            "monitor",
                                            "output",
                                            "precision",
                                            "seed")),
                            Map.entry(
                                    "clones",
                                    List.of("init", "tie", "untie_at", "learning_rate", "gates")),
                            Map.entry(
                                    "clones.gates",
                                    List.of("kind", "init", "learning_rate", "clamp", "sites")),
                            Map.entry(
                                    "lora",
                                    List.of("rank", "alpha", "targets", "adapter", "dropout")),
                            Map.entry(
                                    "distill",
                                    List.of(
                                            "teacher",
                                            "weight",
                                            "temperature",
                                            "hidden",
                                            "hidden_weight")),
                            Map.entry(
                                    "data",
                                    List.of(
                                            "train",
                                            "validation",
                                            "sequence_length",
                                            "shuffle",
                                            "pack")),
                            Map.entry("baseline", List.of("steps")),
                            Map.entry("batch", List.of("micro_batch", "accumulate")),
                            Map.entry(
                                    "optimizer",
                                    List.of(
                                            "learning_rate",
                                            "betas",
                                            "epsilon",
                                            "weight_decay",
                                            "decay",
                                            "clip_norm",
                                            "schedule",
                                            "warmup_steps",
                                            "min_ratio")),
                            Map.entry(
                                    "grow",
                                    List.of("steps_before", "rounds", "plateau", "schedule_over")),
                            Map.entry("grow.rounds", List.of("order", "add", "until")),
                            Map.entry("grow.rounds[]", List.of("after_site", "steps")),
                            Map.entry(
                                    "grow.plateau", List.of("patience", "minimum_steps", "delta")),
                            Map.entry(
                                    "pipeline",
                                    List.of(
                                            "stages",
                                            "slices_per_stage",
                                            "schedule",
                                            "activations",
                                            "threads")),
                            Map.entry("checkpoint", List.of("every", "keep")),
                            Map.entry("monitor", List.of("validate_every", "sample", "spike")),
                            Map.entry("monitor.spike", List.of("z", "then")),
                            Map.entry("monitor.spike.then", List.of("rollback")),
                            Map.entry(
                                    "monitor.spike.then.rollback",
                                    List.of("steps", "rate", "skip_data")),
                            Map.entry("output", List.of("dtype", "shard_size", "which"))));

    /** What other programs call a key of ours. */
    private static final Map<String, String> ALIASES =
            Map.ofEntries(
                    Map.entry("lr", "optimizer.learning_rate"),
                    Map.entry("max_steps", "steps"),
                    Map.entry("num_steps", "steps"),
                    Map.entry("base_model", "model"),
                    Map.entry("datasets", "data.train"),
                    Map.entry("dataset", "data.train"),
                    Map.entry("sequence_len", "data.sequence_length"),
                    Map.entry("max_seq_length", "data.sequence_length"),
                    Map.entry("micro_batch_size", "batch.micro_batch"),
                    Map.entry("per_device_train_batch_size", "batch.micro_batch"),
                    Map.entry("gradient_accumulation_steps", "batch.accumulate"),
                    Map.entry("max_grad_norm", "optimizer.clip_norm"),
                    Map.entry("lr_scheduler", "optimizer.schedule"),
                    Map.entry("lr_scheduler_type", "optimizer.schedule"),
                    Map.entry("adam_epsilon", "optimizer.epsilon"),
                    Map.entry("adam_beta1", "optimizer.betas"),
                    Map.entry("adam_beta2", "optimizer.betas"),
                    Map.entry("save_steps", "checkpoint.every"),
                    Map.entry("eval_steps", "monitor.validate_every"),
                    Map.entry("dtype", "output.dtype"));

    private JobKeys() {}

    /**
     * @param section its keys joined by dots; empty for the whole document
     */
    static List<String> of(String section) {
        List<String> keys = SECTIONS.get(section);
        if (keys == null) {
            throw new IllegalArgumentException("no section of a job file: " + section);
        }
        return keys;
    }

    /** Reports a key that a section does not have. */
    static void unknown(Scalar key, String section, List<String> known, ProblemLog log) {
        String name = key.text();
        if (name.startsWith("x-")) {
            return; // by custom the place for anchors
        }
        log.error(
                YamlFault.UNKNOWN_KEY,
                key.at(),
                "key '%s' means nothing in %s; allowed are %s"
                        .formatted(Words.shortened(name), section, String.join(", ", known)),
                fix(name, known));
    }

    private static String fix(String name, List<String> known) {
        String alias = ALIASES.get(name);
        if (alias != null) {
            return "here it is called " + place(alias);
        }
        String meant = Words.didYouMean(name, known);
        if (!meant.isEmpty()) {
            return meant;
        }
        return home(name).map(home -> "did you mean " + place(home) + "?").orElse("remove it");
    }

    private static String place(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0
                ? "'%s', at the top level".formatted(path)
                : "'%s', under `%s`".formatted(path.substring(dot + 1), path.substring(0, dot));
    }

    /** Another section that has a key of that name, or of nearly that name. */
    private static Optional<String> home(String name) {
        Map<String, String> homes = new TreeMap<>();
        SECTIONS.forEach(
                (section, keys) -> {
                    if (!section.contains("[")) {
                        keys.forEach(
                                key ->
                                        homes.putIfAbsent(
                                                key,
                                                section.isEmpty() ? key : section + "." + key));
                    }
                });
        return Words.closest(name, homes.keySet()).map(homes::get);
    }
}
