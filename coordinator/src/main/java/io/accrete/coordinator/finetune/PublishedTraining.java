package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.coordinator.drive.CarriedFiles;
import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.drive.PublishedBy;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.coordinator.observe.ReportPage;
import io.accrete.coordinator.observe.TrainingReport;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ConfigEdit;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.train.WrittenShard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The folder that a training publishes: a plain model, with its metrics and its lineage. */
final class PublishedTraining {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private static final int FORMAT = 1;
    private static final String REPORT = "report.html";
    private static final String EXAMINATION = "examination.json";

    private static final String INDEX = "model.safetensors.index.json";
    private static final String RESULT = "result";
    private static final String PUBLISHED_STEP = "published_step";

    private final Staging staging;
    private final PlannedTraining planned;
    private final List<WrittenShard> shards;
    private final Optional<Examination> examination;
    private final TrainingState training;
    private final String program;
    private final ModelFolder source;

    /**
     * @param result whose weight files stand in the staged model
     * @param training after the last step
     */
    PublishedTraining(
            Staging staging,
            PlannedTraining planned,
            CourseEffect.Complete result,
            TrainingState training,
            String program) {
        this.staging = staging;
        this.planned = planned;
        this.shards = result.shards();
        this.examination = result.examination();
        this.training = training;
        this.program = program;
        this.source = ModelFolder.open(Path.of(planned.sources().model().path()));
    }

    ModelPublisher.Contents contents() throws IOException {
        Map<String, byte[]> texts = new HashMap<>();
        texts.put(ModelConfig.FILE, config().getBytes(StandardCharsets.UTF_8));
        List<JsonNode> metrics = metrics();
        Certificate.Inputs inputs = CertifiedTraining.inputs(planned.sources());
        Optional<Double> baseline =
                FinishedBaseline.loss(staging.output(), planned, training.done().step(), inputs);
        Optional<Double> base =
                examination
                        .map(Examination::validation)
                        .map(Examination.Validation::baseLoss)
                        .filter(Double::isFinite);
        Certificate certificate =
                CertifiedTraining.of(
                        planned, inputs, training, shards, metrics, base, baseline, program);
        Map<String, String> carried = new HashMap<>(CarriedFiles.of(source.path()));
        if (shards.size() > 1) {
            texts.put(INDEX, index());
        }
        texts.put(LineageFile.NAME, provenance(certificate, plainFiles(texts, carried)));
        Map<String, byte[]> timed = new HashMap<>();
        timed.put(REPORT, report(metrics, certificate).getBytes(StandardCharsets.UTF_8));
        if (examination.isPresent()) {
            timed.put(EXAMINATION, JSON.writeValueAsBytes(examination.get()));
        }
        texts.putAll(timed);
        SortedMap<String, String> timedFiles = digests(timed);
        String log = staging.metrics().getFileName().toString();
        timedFiles.put(log, Sha256.hex(staging.metrics()));
        carried.put(log, staging.metrics().toString());
        texts.put(Certificate.NAME, certificate.sealed(timedFiles).json());
        Set<String> there = new HashSet<>();
        shards.forEach(shard -> there.add(shard.file()));
        if (planned.job().lora().isPresent()) {
            there.add(PeftAdapter.FOLDER);
        }
        return new ModelPublisher.Contents(there, texts, carried);
    }

    private static SortedMap<String, String> digests(Map<String, byte[]> texts) {
        SortedMap<String, String> digests = new TreeMap<>();
        texts.forEach((name, bytes) -> digests.put(name, Sha256.hex(bytes)));
        return digests;
    }

    /** Digests of what has no times, besides weights, by which an edit is noticed. */
    private SortedMap<String, String> plainFiles(
            Map<String, byte[]> texts, Map<String, String> carried) throws IOException {
        SortedMap<String, String> digests = digests(texts);
        for (Map.Entry<String, String> file : carried.entrySet()) {
            digests.put(file.getKey(), Sha256.hex(Path.of(file.getValue())));
        }
        if (planned.job().lora().isPresent()) {
            Path adapter = staging.model().resolve(PeftAdapter.FOLDER);
            for (String name : List.of(PeftAdapter.CONFIG, PeftAdapter.WEIGHTS)) {
                digests.put(PeftAdapter.FOLDER + "/" + name, Sha256.hex(adapter.resolve(name)));
            }
        }
        return digests;
    }

    private String report(List<JsonNode> metrics, Certificate certificate) throws IOException {
        String title = staging.output().getFileName().toString();
        return ReportPage.html(
                TrainingReport.of(
                        ModelSizes.subject(title, planned, source),
                        metrics,
                        examination,
                        certificate));
    }

    private List<JsonNode> metrics() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(staging.metrics())) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    /** The source's own text, with only what must change. */
    private String config() {
        TrainJob job = planned.job();
        ModelConfig own = source.config().orElseThrow();
        ConfigEdit edit = new ConfigEdit(own.text());
        edit = edit.set(own.dtypeKey().orElse("torch_dtype"), name(job.output().dtype()));
        List<Integer> layers = planned.last().plan().layers();
        if (!job.sites().isEmpty() || job.grow().isPresent()) {
            String count =
                    Architecture.LAYER_COUNT_KEYS.stream()
                            .flatMap(key -> own.locate(key).stream())
                            .findFirst()
                            .orElseThrow();
            edit = edit.set(count, layers.size());
            for (String path : source.architecture().orElseThrow().perLayerLists(own)) {
                edit = edit.set(path, chosen(own.at(path).orElseThrow(), layers));
            }
        }
        return edit.text();
    }

    private static List<Object> chosen(JsonNode list, List<Integer> layers) {
        List<Object> values = new ArrayList<>();
        for (int layer : layers) {
            JsonNode value = list.path(layer);
            values.add(value.isTextual() ? value.textValue() : value.numberValue());
        }
        return values;
    }

    private static String name(DType dtype) {
        return switch (dtype) {
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case F32 -> "float32";
            case F64 -> "float64";
            default -> throw new IllegalArgumentException(dtype + " is no type of a model");
        };
    }

    private byte[] index() throws IOException {
        DType dtype = planned.job().output().dtype();
        long bytes =
                planned.last().tensors().stream()
                        .mapToLong(t -> new TensorSpec(t.name(), dtype, t.shape()).bytes())
                        .sum();
        SortedMap<String, String> weightMap = new TreeMap<>();
        shards.forEach(s -> s.tensors().keySet().forEach(name -> weightMap.put(name, s.file())));
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", bytes));
        index.put("weight_map", weightMap);
        return JSON.writeValueAsBytes(index);
    }

    /** It has no times, so that the same job gives the same bytes. */
    private byte[] provenance(Certificate certificate, SortedMap<String, String> files)
            throws IOException {
        List<Object> written = new ArrayList<>();
        for (WrittenShard shard : shards) {
            List<Object> tensors = new ArrayList<>();
            shard.tensors()
                    .forEach((name, sha256) -> tensors.add(Map.of("name", name, "sha256", sha256)));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("file", shard.file());
            entry.put("bytes", shard.bytes());
            entry.put("header_sha256", shard.headerSha256());
            entry.put("tensors", tensors);
            written.add(entry);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("program", program);
        json.put("kind", "train");
        json.put("job", planned.digest());
        json.put("settings", planned.job());
        json.put("sites", planned.last().plan().sites());
        json.put("sources", List.of());
        json.put("shards", written);
        json.put("files", files);
        // Not the length of the metrics: they have times.
        json.put(RESULT, training.done().withoutMetrics());
        json.put(PUBLISHED_STEP, training.publishedStep());
        json.put("certificate_sha256", certificate.digest());
        return JSON.writeValueAsBytes(json);
    }

    /** Of a folder that stands there already. */
    static TrainSummary summary(Staging staging) throws IOException {
        JsonNode json = PublishedBy.read(staging.output()).orElseThrow();
        return summary(
                staging.output().toString(),
                JSON.treeToValue(json.path(RESULT), TrainState.class),
                Optional.empty(),
                0,
                json.path("job").asText(),
                json.path(PUBLISHED_STEP).asInt(json.path(RESULT).path("step").asInt()));
    }

    static TrainSummary summary(
            String output,
            TrainState done,
            Optional<Double> tokensPerSecond,
            int recoveries,
            String digest,
            int publishedStep) {
        return new TrainSummary(
                output,
                done.step(),
                done.tokens(),
                Double.isFinite(done.loss()) ? done.loss() : null,
                new TrainSummary.Validation(
                        done.validationBefore().orElse(null),
                        done.validationAfter(publishedStep).orElse(null)),
                tokensPerSecond.orElse(0.0),
                recoveries,
                digest,
                publishedStep);
    }
}
