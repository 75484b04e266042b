package io.accrete.protocol.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class PlanFileTest {
    @TempDir Path folder;

    @Test
    void aPlanIsReadAsItWasWritten() throws IOException {
        MergePlan plan = plan(MergePlan.FORMAT);
        PlanFile file = PlanFile.of(plan);
        Path path = Files.write(folder.resolve("plan.json"), file.json());

        assertThat(PlanFile.read(path, file.sha256())).isEqualTo(plan);
    }

    @Test
    void anotherFileThanTheOneThatWasNamedIsRefused() throws IOException {
        PlanFile file = PlanFile.of(plan(MergePlan.FORMAT));
        Path path = Files.write(folder.resolve("plan.json"), file.json());
        Files.writeString(path, Files.readString(path) + " ");

        assertThatThrownBy(() -> PlanFile.read(path, file.sha256()))
                .hasMessageContaining("not the plan that was made");
    }

    @Test
    void aPlanOfALaterFormatIsRefused() throws IOException {
        PlanFile file = PlanFile.of(plan(99));
        Path path = Files.write(folder.resolve("plan.json"), file.json());

        assertThatThrownBy(() -> PlanFile.read(path, file.sha256()))
                .hasMessageContaining("plan format 99, this program reads 1");
    }

    private static MergePlan plan(int format) {
        Shape shape = Shape.of(2, 3);
        SourceTensor source = new SourceTensor(0, "a", DType.BF16, shape, 64, 12);
        List<TensorOp> ops =
                List.of(
                        new TensorOp.Copy(source),
                        new TensorOp.Convert(source, Optional.empty(), DType.F16, Optional.of(0.5)),
                        new TensorOp.Linear(
                                List.of(new TensorOp.Weighted(source, 0.25)),
                                true,
                                Optional.of(DType.F32),
                                DType.F32),
                        new TensorOp.Slerp(source, source, 0.1, Optional.empty(), DType.BF16));
        List<TensorTask> tensors =
                ops.stream()
                        .map(op -> new TensorTask(new TensorSpec("a", DType.BF16, shape), 0, op))
                        .toList();
        return new MergePlan(
                format,
                "d1",
                List.of(new FileIdentity("/m/a.safetensors", 76, 5, "ff")),
                List.of(new ShardTask(0, "model.safetensors", 64, 76, tensors)),
                List.of(new Site(0, "m", 0, 0, 1)),
                new MergePlan.OutputModel("LlamaForCausalLM", "linear", "BF16", 1, 1, 6, 76),
                Map.of("config.json", "{}"),
                Map.of("tokenizer.json", "/m/tokenizer.json"),
                1);
    }
}
