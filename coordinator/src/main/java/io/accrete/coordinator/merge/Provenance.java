package io.accrete.coordinator.merge;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.drive.PublishedBy;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.store.FileIdentity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * {@code accrete.json} of a published folder: where everything in it comes from. It has no times,
 * so that the same job gives the same bytes.
 *
 * @param program what wrote it, with its version
 * @param job digest of all that decides the result
 * @param sites lineage of every layer
 * @param sources the weight files that were read
 * @param numericClass in which the computed tensors were computed, if any were
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record Provenance(
        int format,
        String program,
        String job,
        String recipe,
        MergeOptions settings,
        MergePlan.OutputModel model,
        List<Site> sites,
        List<FileIdentity> sources,
        List<Shard> shards,
        Optional<String> numericClass,
        ShardReceipt.Moved moved) {

    private static final int FORMAT = 1;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    record Shard(String file, long bytes, String headerSha256, List<Tensor> tensors) {}

    /**
     * The digest of what was computed, or the range of a source that was copied, with its digest
     * where that was asked for.
     *
     * @param source index into the sources
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Tensor(
            String name,
            Optional<String> sha256,
            Optional<Integer> source,
            Optional<String> sourceName,
            Optional<Long> offset,
            Optional<Long> bytes) {}

    static Provenance of(
            JobSpec spec,
            MergePlan plan,
            SortedMap<Integer, ShardReceipt> receipts,
            Optional<String> numericClass,
            String program) {
        ShardReceipt.Moved moved =
                receipts.values().stream()
                        .map(ShardReceipt::moved)
                        .reduce(ShardReceipt.Moved.NONE, ShardReceipt.Moved::plus);
        return new Provenance(
                FORMAT,
                program,
                plan.job(),
                spec.recipeFile(),
                spec.options(),
                plan.model(),
                plan.sites(),
                plan.sources(),
                plan.shards().stream().map(task -> shard(task, receipt(receipts, task))).toList(),
                numericClass,
                moved);
    }

    /** Of the folder that the merge publishes. */
    ModelPublisher.Contents contents(MergePlan plan) throws JsonProcessingException {
        Map<String, byte[]> texts = new HashMap<>();
        plan.texts()
                .forEach((name, text) -> texts.put(name, text.getBytes(StandardCharsets.UTF_8)));
        texts.put(LineageFile.NAME, json());
        Set<String> shards =
                plan.shards().stream().map(ShardTask::file).collect(Collectors.toSet());
        return new ModelPublisher.Contents(shards, texts, plan.carried());
    }

    private byte[] json() throws JsonProcessingException {
        return (MAPPER.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static Optional<ShardReceipt.Moved> movedOf(Path folder) throws IOException {
        return PublishedBy.read(folder)
                .map(json -> json.path("moved"))
                .map(
                        moved ->
                                new ShardReceipt.Moved(
                                        moved.path("shared").asLong(),
                                        moved.path("copied").asLong(),
                                        moved.path("computed").asLong()));
    }

    /** The weight files that a published folder was made from. */
    static List<FileIdentity> sourcesOf(Path folder) throws IOException {
        Optional<JsonNode> sources = PublishedBy.read(folder).map(json -> json.path("sources"));
        try {
            return sources.isEmpty()
                    ? List.of()
                    : List.of(MAPPER.treeToValue(sources.get(), FileIdentity[].class));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return List.of(); // of another version; the digest of the job has told them apart
        }
    }

    private static ShardReceipt receipt(SortedMap<Integer, ShardReceipt> receipts, ShardTask task) {
        ShardReceipt receipt = receipts.get(task.index());
        if (receipt == null) {
            throw new IllegalStateException(task.file() + ": published without a receipt");
        }
        return receipt;
    }

    private static Shard shard(ShardTask task, ShardReceipt receipt) {
        Map<Integer, String> digests = new HashMap<>();
        receipt.computed().forEach(one -> digests.put(one.tensor(), one.sha256()));
        receipt.copied().forEach(one -> digests.put(one.tensor(), one.sha256()));
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < task.tensors().size(); i++) {
            tensors.add(tensor(task.tensors().get(i), Optional.ofNullable(digests.get(i))));
        }
        return new Shard(task.file(), task.bytes(), receipt.headerSha256(), tensors);
    }

    private static Tensor tensor(TensorTask task, Optional<String> sha256) {
        String name = task.output().name();
        return task.op() instanceof TensorOp.Copy(var source)
                ? new Tensor(
                        name,
                        sha256,
                        Optional.of(source.file()),
                        Optional.of(source.name()),
                        Optional.of(source.offset()),
                        Optional.of(source.bytes()))
                : new Tensor(
                        name,
                        sha256,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }
}
