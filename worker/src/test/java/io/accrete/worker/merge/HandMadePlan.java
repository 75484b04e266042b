package io.accrete.worker.merge;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.wire.TaskRef;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A plan of one shard, put together by a test: sources first, then tensors. */
final class HandMadePlan {
    static final String SHARD = "model.safetensors";

    private final List<SafetensorsFile> sources = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();

    private record Output(TensorSpec spec, TensorOp op) {}

    /**
     * @return its index, for {@link #tensor}
     */
    int source(Path file) throws IOException {
        sources.add(SafetensorsFile.open(file));
        return sources.size() - 1;
    }

    SourceTensor tensor(int source, String name) {
        SafetensorsFile file = sources.get(source);
        Entry entry = file.header().entry(name).orElseThrow();
        return new SourceTensor(
                source,
                name,
                entry.spec().dtype(),
                entry.spec().shape(),
                file.header().headerBytes() + entry.begin(),
                entry.end() - entry.begin());
    }

    List<String> names(int source) {
        return sources.get(source).header().entries().stream().map(Entry::name).toList();
    }

    HandMadePlan copy(String name, SourceTensor source) {
        return output(name, source, source.dtype(), new TensorOp.Copy(source));
    }

    HandMadePlan output(String name, SourceTensor like, DType dtype, TensorOp op) {
        outputs.add(new Output(new TensorSpec(name, dtype, like.shape()), op));
        return this;
    }

    /** Writes the plan beside the shard to be; tensors come in the format's order. */
    TaskRef task(Path folder, CopiedBytes copies) throws IOException {
        PlanFile file = PlanFile.of(plan());
        Path path = Files.write(folder.resolve("plan.json"), file.json());
        return new TaskRef(
                "job", path.toString(), file.sha256(), 0, folder.resolve("tmp").toString(), copies);
    }

    private MergePlan plan() {
        outputs.sort(Comparator.comparing(Output::spec, ShardHeader.ORDER));
        List<TensorTask> tasks = new ArrayList<>();
        long offset = 0;
        for (Output output : outputs) {
            tasks.add(new TensorTask(output.spec(), offset, output.op()));
            offset += output.spec().bytes();
        }
        List<TensorSpec> specs = outputs.stream().map(Output::spec).toList();
        long header = ShardHeader.encode(specs, Map.of("format", "pt"), 0).length;
        return new MergePlan(
                MergePlan.FORMAT,
                "job",
                sources.stream().map(SafetensorsFile::identity).toList(),
                List.of(new ShardTask(0, SHARD, header, header + offset, tasks)),
                List.of(),
                new MergePlan.OutputModel("", "", "", 0, tasks.size(), 0, header + offset),
                Map.of(),
                Map.of(),
                0);
    }
}
