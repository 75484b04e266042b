package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.BatchSettings;
import io.accrete.protocol.train.CheckpointSettings;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DataSettings;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.MonitorSettings;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PipelineSettings;
import io.accrete.protocol.train.RateRule;
import io.accrete.protocol.train.StartingModel;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The sections of a job file as settings, every default in its place. */
final class SettingsReader {
    static final Interval COUNT = Interval.from(1, Growth.STEPS_MAX);
    private static final Interval KEPT = Interval.from(1, 1_000_000);
    private static final Interval LAYER = Interval.from(0, 999_999);
    private static final Interval BATCH = Interval.from(1, 65_536);

    /** Of a step. */
    private static final int ROWS_MAX = 1 << 20;

    private static final Interval SEED = Interval.from(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final int STAGES_MAX = 1024;
    private static final long SHARD_SIZE = 5_000_000_000L;
    private static final Map<String, DType> DTYPES = new LinkedHashMap<>();

    static {
        DTYPES.put("float32", DType.F32);
        DTYPES.put("float16", DType.F16);
        DTYPES.put("bfloat16", DType.BF16);
    }

    private final ProblemLog log;

    SettingsReader(ProblemLog log) {
        this.log = log;
    }

    /** Empty where no model is named. */
    Optional<TrainJob> read(JobSection top) {
        Optional<StartingModel> start = start(top);
        List<Integer> sites = top.wholes("sites", LAYER);
        RemedyReader remedies = new RemedyReader(log);
        CloneSettings clones = remedies.clones(top.sub("clones"));
        TrainableSet trainable = trainable(top);
        List<RateRule> rates = rates(top);
        Optional<LoraSettings> lora = remedies.lora(top.sub("lora"));
        Optional<DistillSettings> distill = remedies.distill(top.sub("distill"));
        DataSettings data = data(top.sub("data"));
        BatchSettings batch = batch(top.sub("batch"));
        OptimizerSettings optimizer = optimizer(top.sub("optimizer"));
        int steps = top.whole("steps", 200, COUNT);
        Optional<GrowSettings> grow = GrowReader.grow(top.sub("grow"));
        PipelineSettings pipeline = pipeline(top.sub("pipeline"));
        CheckpointSettings checkpoint = checkpoint(top.sub("checkpoint"));
        MonitorSettings monitor = monitor(top.sub("monitor"));
        OutputSettings output = output(top.sub("output"));
        long seed = top.wide("seed", 7, SEED);
        return start.map(
                model ->
                        new TrainJob(
                                model,
                                sites,
                                clones,
                                trainable,
                                rates,
                                lora,
                                distill,
                                data,
                                batch,
                                optimizer,
                                steps,
                                grow,
                                pipeline,
                                checkpoint,
                                monitor,
                                output,
                                seed));
    }

    private Optional<StartingModel> start(JobSection top) {
        Optional<YamlNode> model = top.optional("model");
        Optional<YamlNode> recipe = top.optional("recipe");
        if (model.isPresent() && recipe.isPresent()) {
            log.error(
                    JobFault.CONTRADICTION,
                    recipe.get().at(),
                    "both `model` and `recipe` are given, and each says where the weights are from",
                    "keep one of them");
        }
        if (model.isEmpty() && recipe.isEmpty()) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    top.at(),
                    "a job file needs 'model' or 'recipe'",
                    "name a folder: `model: out/grown`, or a recipe: `recipe: grow.yml`");
        }
        Optional<StartingModel> folder =
                model.flatMap(node -> top.text("model", node)).map(StartingModel.Folder::new);
        return folder.or(
                () ->
                        recipe.flatMap(node -> top.text("recipe", node))
                                .map(StartingModel.Merge::new));
    }

    private TrainableSet trainable(JobSection top) {
        Optional<YamlNode> node = top.value("trainable");
        if (node.isEmpty()) {
            return new TrainableSet.All();
        }
        if (node.get() instanceof Sequence list && !list.items().isEmpty()) {
            return new TrainableSet.Matching(top.texts("trainable"));
        }
        return switch (node.get() instanceof Scalar scalar ? scalar.text() : "") {
            case "all" -> new TrainableSet.All();
            case "clones" -> new TrainableSet.Clones();
            case "norms" -> new TrainableSet.Norms();
            default -> {
                top.unknownWord(
                        "trainable",
                        node.get(),
                        List.of("all", "clones", "norms", "a list of patterns"));
                yield new TrainableSet.All();
            }
        };
    }

    private List<RateRule> rates(JobSection top) {
        Optional<YamlNode> node = top.optional("learning_rates");
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof Mapping mapping)) {
            top.wrong("learning_rates", node.get(), "a mapping of patterns to multipliers");
            return List.of();
        }
        List<RateRule> rules = new ArrayList<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            String pattern = entry.key().text();
            if (entry.key().kind() != Kind.TEXT) {
                top.wrong("learning_rates", entry.key(), "a mapping of patterns to multipliers");
                continue;
            }
            top.number("learning_rates." + pattern, entry.value(), Interval.NOT_NEGATIVE)
                    .ifPresent(multiplier -> rules.add(new RateRule(pattern, multiplier)));
        }
        return rules;
    }

    private static DataSettings data(JobSection data) {
        return new DataSettings(
                data.texts("train"),
                data.texts("validation"),
                data.whole("sequence_length", 512, Interval.from(2, 1 << 20)),
                data.flag("shuffle", true),
                data.flag("pack", true));
    }

    private static BatchSettings batch(JobSection batch) {
        int rows = batch.whole("micro_batch", 4, BATCH);
        int most = Math.max(1, ROWS_MAX / rows);
        return new BatchSettings(
                rows, batch.whole("accumulate", Math.min(8, most), Interval.from(1, most)));
    }

    private static OptimizerSettings optimizer(JobSection optimizer) {
        List<Double> betas = betas(optimizer);
        return new OptimizerSettings(
                // AdamW moves each weight by about the rate in a step.
                optimizer.number("learning_rate", 3e-5, Interval.FACTOR),
                betas.getFirst(),
                betas.getLast(),
                optimizer.number("epsilon", 1e-8, Interval.POSITIVE),
                optimizer.number("weight_decay", 0.1, Interval.NOT_NEGATIVE),
                optimizer.choice("decay", OptimizerSettings.Decay.MATRICES),
                optimizer.numberOrNone("clip_norm", 1, Interval.POSITIVE),
                optimizer.choice("schedule", OptimizerSettings.Schedule.COSINE),
                optimizer.whole("warmup_steps", 20, Interval.from(0, Integer.MAX_VALUE)),
                optimizer.number("min_ratio", 0, Interval.SHARE));
    }

    private static List<Double> betas(JobSection optimizer) {
        List<Double> fallback = List.of(0.9, 0.95);
        Optional<YamlNode> node = optimizer.value("betas");
        if (node.isEmpty()) {
            return fallback;
        }
        if (!(node.get() instanceof Sequence list) || list.items().size() != 2) {
            optimizer.wrong("betas", node.get(), "a list of two numbers");
            return fallback;
        }
        List<Double> betas = new ArrayList<>();
        for (YamlNode item : list.items()) {
            optimizer.number("betas", item, Interval.BELOW_ONE).ifPresent(betas::add);
        }
        return betas.size() == 2 ? betas : fallback;
    }

    private PipelineSettings pipeline(JobSection pipeline) {
        return new PipelineSettings(
                stages(pipeline),
                pipeline.whole("slices_per_stage", 1, Interval.from(1, STAGES_MAX)),
                pipeline.choice("schedule", PipelineSettings.Schedule.ONE_F_ONE_B),
                pipeline.choice("activations", PipelineSettings.Activations.AUTO),
                pipeline.whole("threads", 1, Interval.from(1, STAGES_MAX)));
    }

    private static OptionalInt stages(JobSection pipeline) {
        Optional<YamlNode> node = pipeline.value("stages");
        if (node.isEmpty() || node.get() instanceof Scalar word && word.text().equals("auto")) {
            return OptionalInt.empty();
        }
        if (NumberText.whole(node.get()).isEmpty()) {
            pipeline.wrong("stages", node.get(), "a whole number, or auto");
            return OptionalInt.empty();
        }
        return OptionalInt.of(pipeline.whole("stages", 1, Interval.from(1, STAGES_MAX)));
    }

    private static CheckpointSettings checkpoint(JobSection checkpoint) {
        return new CheckpointSettings(
                checkpoint.whole("every", 20, COUNT), checkpoint.whole("keep", 3, KEPT));
    }

    private MonitorSettings monitor(JobSection monitor) {
        return new MonitorSettings(
                monitor.whole("validate_every", 20, COUNT),
                monitor.texts("sample"),
                SpikeReader.spike(monitor.sub("spike")));
    }

    private OutputSettings output(JobSection output) {
        return new OutputSettings(
                dtype(output),
                shardSize(output),
                output.choice("which", OutputSettings.Which.LAST));
    }

    private static DType dtype(JobSection output) {
        Optional<YamlNode> node = output.value("dtype");
        if (node.isEmpty()) {
            return DType.F32;
        }
        DType known = node.get() instanceof Scalar word ? DTYPES.get(word.text()) : null;
        if (known == null) {
            output.unknownWord("dtype", node.get(), List.copyOf(DTYPES.keySet()));
            return DType.F32;
        }
        return known;
    }

    private static long shardSize(JobSection output) {
        Optional<YamlNode> node = output.value("shard_size");
        if (node.isEmpty()) {
            return SHARD_SIZE;
        }
        Optional<Long> bytes = NumberText.bytes(node.get());
        if (bytes.isEmpty()) {
            output.wrong("shard_size", node.get(), "a number of bytes, such as 5GB or 500MiB");
        }
        return bytes.orElse(SHARD_SIZE);
    }
}
