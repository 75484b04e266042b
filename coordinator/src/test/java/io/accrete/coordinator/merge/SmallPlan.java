package io.accrete.coordinator.merge;

import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A source of a few tensors and a plan that puts each into a shard of its own. */
final class SmallPlan {
    static final Map<String, String> METADATA = Map.of("format", "pt");
    private static final int ELEMENTS = 64;

    private SmallPlan() {}

    static Path source(Path folder, int tensors) throws IOException {
        List<TensorSpec> specs = new ArrayList<>();
        List<byte[]> values = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < tensors; i++) {
            specs.add(new TensorSpec("t%03d".formatted(i), DType.BF16, Shape.of(ELEMENTS)));
            byte[] value = new byte[2 * ELEMENTS];
            random.nextBytes(value);
            values.add(value);
        }
        return SafetensorsWriter.write(folder.resolve("source.safetensors"), specs, values);
    }

    static MergePlan copies(Path source) throws IOException {
        return plan(source, false);
    }

    /** Each shard is computed: by casts that change nothing. */
    static MergePlan computations(Path source) throws IOException {
        return plan(source, true);
    }

    static JobSpec spec(Path output, String recipe) {
        return spec(output, recipe, MergeOptions.defaults("/"));
    }

    static JobSpec spec(Path output, String recipe, MergeOptions options) {
        return JobSpec.merge("recipe.yml", recipe, output.toString(), options);
    }

    static MergeOptions overwriting() {
        MergeOptions o = MergeOptions.defaults("/");
        return new MergeOptions(
                o.layout(),
                o.outShardSize(),
                o.strict(),
                o.allowCrimes(),
                o.truncateEmbeddings(),
                o.allowNonFinite(),
                o.scan(),
                o.copyTokenizer(),
                o.writeModelCard(),
                o.precise(),
                true,
                o.digests(),
                o.directory(),
                o.models(),
                o.roots());
    }

    private static MergePlan plan(Path path, boolean computed) throws IOException {
        SafetensorsFile source = SafetensorsFile.open(path);
        SafetensorsHeader header = source.header();
        List<ShardTask> shards = new ArrayList<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            SourceTensor tensor =
                    new SourceTensor(
                            0,
                            entry.name(),
                            entry.spec().dtype(),
                            entry.spec().shape(),
                            header.offset(entry),
                            entry.bytes());
            TensorOp op =
                    computed
                            ? new TensorOp.Convert(
                                    tensor, Optional.empty(), DType.BF16, Optional.empty())
                            : new TensorOp.Copy(tensor);
            int index = shards.size();
            long headerBytes = ShardHeader.encode(List.of(entry.spec()), METADATA, 0).length;
            shards.add(
                    new ShardTask(
                            index,
                            "model-%05d.safetensors".formatted(index + 1),
                            headerBytes,
                            headerBytes + entry.bytes(),
                            List.of(new TensorTask(entry.spec(), 0, op))));
        }
        Path tokenizer = Files.writeString(path.resolveSibling("tokenizer.json"), "{}");
        return new MergePlan(
                MergePlan.FORMAT,
                "digest-" + source.identity().headerSha256() + source.identity().modifiedNanos(),
                List.of(source.identity()),
                shards,
                List.of(new Site(0, "m", 0, 0, 1)),
                new MergePlan.OutputModel(
                        "LlamaForCausalLM",
                        "passthrough",
                        "BF16",
                        1,
                        shards.size(),
                        (long) shards.size() * ELEMENTS,
                        shards.stream().mapToLong(ShardTask::bytes).sum()),
                Map.of("config.json", "{\"a\": 1}", "model.safetensors.index.json", "{}"),
                Map.of("tokenizer.json", tokenizer.toString()),
                1);
    }
}
