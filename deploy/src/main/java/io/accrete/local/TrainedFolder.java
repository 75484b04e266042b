package io.accrete.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.coordinator.merge.DurableFiles;
import io.accrete.coordinator.merge.Staging;
import io.accrete.coordinator.merge.VocabularyReader;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ConfigEdit;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.train.ModelExport;
import io.accrete.worker.train.TrainingModel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The folder that a training publishes: a plain model, with its metrics and its lineage, built in
 * the staging folder and made visible by one rename.
 */
final class TrainedFolder {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private static final int FORMAT = 1;

    private final Staging staging;
    private final TrainJob job;
    private final PlannedTraining planned;
    private final TrainingModel trained;

    TrainedFolder(Staging staging, PlannedTraining planned, TrainingModel trained) {
        this.staging = staging;
        this.job = planned.plan().job();
        this.planned = planned;
        this.trained = trained;
    }

    void publish(StageThreads stages, Path metrics, String program)
            throws IOException, InterruptedException {
        Path model = staging.model();
        DurableFiles.deleteTree(model);
        DurableFiles.createFolder(model);
        List<ModelExport.Written> written;
        try (ModelExport export =
                ModelExport.into(model, tensors(), job.output().shardSizeBytes())) {
            stages.export(stage -> stage.export(export));
            written = export.finish();
            if (written.size() > 1) {
                DurableFiles.write(
                        model.resolve("model.safetensors.index.json"), index(export.weightMap()));
            }
        }
        if (job.lora().isPresent()) {
            exportAdapter(stages, model, job.lora().get());
        }
        for (Map.Entry<String, String> file :
                VocabularyReader.carried(trained.folder().path()).entrySet()) {
            DurableFiles.copy(Path.of(file.getValue()), model.resolve(file.getKey()));
        }
        DurableFiles.copy(metrics, model.resolve(metrics.getFileName()));
        DurableFiles.write(model.resolve(LineageFile.NAME), provenance(written, program));
        DurableFiles.write(
                model.resolve(ModelConfig.FILE), config().getBytes(StandardCharsets.UTF_8));
        Files.deleteIfExists(staging.output()); // an empty folder may stand there
        DurableFiles.move(model, staging.output());
    }

    private void exportAdapter(StageThreads stages, Path model, LoraSettings lora)
            throws IOException, InterruptedException {
        try (AdapterExport adapter = AdapterExport.into(model, lora, planned, trained)) {
            stages.export(stage -> stage.exportAdapter(adapter));
            adapter.finish();
        }
    }

    private SortedMap<String, TensorSpec> tensors() {
        SortedMap<String, TensorSpec> specs = new TreeMap<>();
        for (TensorSpec own : planned.tensors()) {
            specs.put(own.name(), new TensorSpec(own.name(), job.output().dtype(), own.shape()));
        }
        return specs;
    }

    private byte[] index(Map<String, String> weightMap) throws IOException {
        long bytes = tensors().values().stream().mapToLong(TensorSpec::bytes).sum();
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", bytes));
        index.put("weight_map", weightMap);
        return JSON.writeValueAsBytes(index);
    }

    /** The source's own text, with only what must change. */
    private String config() {
        ModelConfig own = trained.folder().config().orElseThrow();
        ConfigEdit edit = new ConfigEdit(own.text());
        edit = edit.set(own.dtypeKey().orElse("torch_dtype"), name(job.output().dtype()));
        if (trained.config().layers() != own.layers().orElse(-1)) {
            String count =
                    Architecture.LAYER_COUNT_KEYS.stream()
                            .flatMap(key -> own.locate(key).stream())
                            .findFirst()
                            .orElseThrow();
            edit = edit.set(count, trained.config().layers());
            for (String path : trained.folder().architecture().orElseThrow().perLayerLists(own)) {
                edit = edit.set(path, chosen(own.at(path).orElseThrow()));
            }
        }
        return edit.text();
    }

    private List<Object> chosen(JsonNode list) {
        List<Object> values = new ArrayList<>();
        for (int layer : trained.surgery().layers()) {
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

    /** It has no times, so that the same job gives the same bytes. */
    private byte[] provenance(List<ModelExport.Written> written, String program)
            throws IOException {
        List<Object> shards = new ArrayList<>();
        for (ModelExport.Written shard : written) {
            List<Object> tensors = new ArrayList<>();
            shard.tensors()
                    .forEach((name, sha256) -> tensors.add(Map.of("name", name, "sha256", sha256)));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("file", shard.file());
            entry.put("bytes", shard.bytes());
            entry.put("header_sha256", shard.headerSha256());
            entry.put("tensors", tensors);
            shards.add(entry);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("program", program);
        json.put("kind", "train");
        json.put("job", planned.digest());
        json.put("settings", job);
        json.put("sites", planned.plan().sites());
        json.put("sources", List.of());
        json.put("shards", shards);
        return JSON.writeValueAsBytes(json);
    }
}
