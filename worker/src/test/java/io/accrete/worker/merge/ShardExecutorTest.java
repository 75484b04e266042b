package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.FloatCodec;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class ShardExecutorTest {
    private static final int ELEMENTS = 3000;

    @TempDir Path folder;

    private final ShardExecutor executor = new ShardExecutor(2);
    private final HandMadePlan plan = new HandMadePlan();
    private Path source;

    @BeforeEach
    void makeSource() throws IOException {
        source = write("source.safetensors", values(ELEMENTS, 0.5), values(ELEMENTS, 3.0));
        plan.source(source);
    }

    @Test
    void copiedTensorsHaveTheBytesOfTheirSource() throws Exception {
        plan.copy("second", plan.tensor(0, "b")).copy("third", plan.tensor(0, "a"));
        plan.copy("first", plan.tensor(0, "b"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        RecordingControl control = new RecordingControl();

        ShardReceipt receipt = executor.execute(task, control);

        Path shard = Path.of(task.target());
        assertThat(Digests.values(shard, "first")).isEqualTo(Digests.values(source, "b"));
        assertThat(Digests.values(shard, "second")).isEqualTo(Digests.values(source, "b"));
        assertThat(Digests.values(shard, "third")).isEqualTo(Digests.values(source, "a"));
        assertThat(receipt.headerSha256()).isEqualTo(SafetensorsFile.open(shard).header().sha256());
        assertThat(receipt.bytes()).isEqualTo(Files.size(shard)).isEqualTo(control.bytes());
        assertThat(receipt.moved().shared() + receipt.moved().copied()).isEqualTo(3 * 4 * ELEMENTS);
        assertThat(receipt.computed()).isEmpty();
    }

    @Test
    void computedTensorsAreReceiptedByTheirDigests() throws Exception {
        SourceTensor a = plan.tensor(0, "a");
        plan.copy("copied", a).output("scaled", a, DType.F32, scaled(a, DType.F32, 2.0));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);

        ShardReceipt receipt = executor.execute(task, new RecordingControl());

        Path shard = Path.of(task.target());
        assertThat(Digests.numbers(shard, "scaled")).containsOnly(1.0);
        assertThat(receipt.computed())
                .containsExactly(new ShardReceipt.TensorDigest(1, Digests.of(shard, "scaled")));
        assertThat(receipt.moved().computed()).isEqualTo(4 * ELEMENTS);
    }

    @Test
    void copiedTensorsAreDigestedWhereThatIsAskedFor() throws Exception {
        SourceTensor a = plan.tensor(0, "a");
        plan.copy("copied", a).output("scaled", a, DType.F32, scaled(a, DType.F32, 2.0));
        TaskRef task = plan.task(folder, CopiedBytes.DIGESTED);

        ShardReceipt receipt = executor.execute(task, new RecordingControl());

        Path shard = Path.of(task.target());
        assertThat(receipt.copied())
                .containsExactly(new ShardReceipt.TensorDigest(0, Digests.of(shard, "copied")));
        assertThat(receipt.computed())
                .containsExactly(new ShardReceipt.TensorDigest(1, Digests.of(shard, "scaled")));
    }

    /** As where the file system of the output is not mounted on a worker's machine. */
    @Test
    void whoDoesNotSeeThePlanIsUnable() throws Exception {
        plan.copy("copied", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        Files.delete(Path.of(task.plan()));

        TaskFailure failure = failure(task, new RecordingControl());

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.UNABLE);
        assertThat(failure.message()).contains(task.plan(), "no such file");
    }

    @Test
    void writingAgainGivesTheSameFile() throws Exception {
        SourceTensor a = plan.tensor(0, "a");
        plan.copy("copied", a).output("scaled", a, DType.F32, scaled(a, DType.F32, 0.1));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        executor.execute(task, new RecordingControl());
        byte[] first = Files.readAllBytes(Path.of(task.target()));
        Files.write(Path.of(task.target()), new byte[100_000]);

        executor.execute(task, new RecordingControl());

        assertThat(Files.readAllBytes(Path.of(task.target()))).isEqualTo(first);
    }

    @Test
    void tensorsOfManyPiecesAreWhole() throws Exception {
        int elements = (1 << 20) + 12_345;
        byte[] many = new byte[4 * elements];
        for (int i = 0; i < elements; i++) {
            FloatCodec.F32.put(ByteBuffer.wrap(many), i, i % 1000);
        }
        int large = plan.source(write("large.safetensors", many, values(elements, 4.0)));
        SourceTensor a = plan.tensor(large, "a");
        SourceTensor b = plan.tensor(large, "b");
        List<TensorOp.Weighted> inputs =
                List.of(new TensorOp.Weighted(a, 1), new TensorOp.Weighted(b, 0.25));
        plan.output(
                "sum",
                a,
                DType.F32,
                new TensorOp.Linear(inputs, false, Optional.empty(), DType.F32));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);

        executor.execute(task, new RecordingControl());

        double[] sums = Digests.numbers(Path.of(task.target()), "sum");
        for (int i = 0; i < elements; i++) {
            assertThat(sums[i]).isEqualTo(i % 1000 + 1);
        }
    }

    /** Angles, and so all bytes, would differ if the sums of pieces came in another order. */
    @Test
    void anyNumberOfThreadsGivesTheSameBytes() throws Exception {
        int elements = 7 * (1 << 18) + 12_345;
        Random random = new Random(1);
        byte[] a = new byte[4 * elements];
        byte[] b = new byte[4 * elements];
        for (int i = 0; i < elements; i++) {
            FloatCodec.F32.put(ByteBuffer.wrap(a), i, random.nextGaussian() * (i % 91));
            FloatCodec.F32.put(ByteBuffer.wrap(b), i, random.nextGaussian() * (i % 89));
        }
        int large = plan.source(write("large.safetensors", a, b));
        SourceTensor x = plan.tensor(large, "a");
        SourceTensor y = plan.tensor(large, "b");
        List<TensorOp.Weighted> inputs =
                List.of(new TensorOp.Weighted(x, 0.7), new TensorOp.Weighted(y, 0.4));
        Optional<DType> asItIs = Optional.empty();
        plan.output("linear", x, DType.F32, new TensorOp.Linear(inputs, true, asItIs, DType.F32))
                .output("slerp", x, DType.F32, new TensorOp.Slerp(x, y, 0.3, asItIs, DType.F32))
                .output("half", x, DType.F16, scaled(x, DType.F16, 1e-3))
                .copy("copied", y);
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        ShardReceipt alone = new ShardExecutor(1).execute(task, new RecordingControl());
        byte[] bytes = Files.readAllBytes(Path.of(task.target()));

        for (int threads = 2; threads <= 5; threads++) {
            assertThat(new ShardExecutor(threads).execute(task, new RecordingControl()))
                    .isEqualTo(alone);
            assertThat(Files.readAllBytes(Path.of(task.target()))).isEqualTo(bytes);
        }
    }

    @Test
    void aReplacedSourceIsNamed() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        Files.setLastModifiedTime(source, FileTime.fromMillis(1));

        TaskFailure failure = failure(task, new RecordingControl());

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.SOURCE_CHANGED);
        assertThat(failure.message()).contains("source.safetensors");
        assertThat(Path.of(task.target())).doesNotExist();
    }

    @Test
    void aSourceThatIsGoneIsNamed() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        Files.delete(source);

        assertThat(failure(task, new RecordingControl()).kind())
                .isEqualTo(TaskFailure.Kind.SOURCE_CHANGED);
    }

    @Test
    void aSourceThatIsTruncatedMeanwhileIsNotIncluded() throws Exception {
        SourceTensor b = plan.tensor(0, "b");
        plan.output("x", b, DType.F32, scaled(b, DType.F32, 1.0));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);

        TaskFailure failure = failure(task, changing(() -> truncate(source)));

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.SOURCE_CHANGED);
        assertThat(Path.of(task.target())).doesNotExist();
    }

    @Test
    void aSourceThatIsTouchedMeanwhileIsNoticedAfterTheCopy() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);

        TaskFailure failure =
                failure(
                        task,
                        changing(() -> Files.setLastModifiedTime(source, FileTime.fromMillis(1))));

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.SOURCE_CHANGED);
        assertThat(Path.of(task.target())).doesNotExist();
    }

    @Test
    void aCancelledTaskLeavesNothing() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);

        TaskFailure failure = failure(task, new RecordingControl(1));

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.ABANDONED);
        assertThat(Path.of(task.target())).doesNotExist();
    }

    @Test
    void whoDoesNotSeeTheFolderOfTheShardIsUnable() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        TaskRef elsewhere =
                new TaskRef(
                        task.job(),
                        task.plan(),
                        task.planSha256(),
                        0,
                        folder.resolve("missing/shard").toString(),
                        CopiedBytes.MOVED);

        TaskFailure failure = failure(elsewhere, new RecordingControl());

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.UNABLE);
        assertThat(failure.message()).contains("missing");
    }

    @Test
    void anotherPlanThanTheTaskNamesIsRefused() throws Exception {
        plan.copy("x", plan.tensor(0, "a"));
        TaskRef task = plan.task(folder, CopiedBytes.MOVED);
        Files.writeString(Path.of(task.plan()), "{}");

        TaskFailure failure = failure(task, new RecordingControl());

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.UNABLE);
        assertThat(failure.message()).contains("not the plan that was made");
    }

    @Test
    void overflowsOfACastAreCounted() throws Exception {
        byte[] wide = values(ELEMENTS, 1.0);
        FloatCodec.F32.put(ByteBuffer.wrap(wide), 7, 1e6);
        FloatCodec.F32.put(ByteBuffer.wrap(wide), 8, Double.NaN);
        int odd = plan.source(write("wide.safetensors", wide, wide));
        SourceTensor a = plan.tensor(odd, "a");
        plan.output(
                "narrow",
                a,
                DType.F16,
                new TensorOp.Convert(a, Optional.empty(), DType.F16, Optional.empty()));

        ShardReceipt receipt =
                executor.execute(plan.task(folder, CopiedBytes.MOVED), new RecordingControl());

        assertThat(receipt.nonFinite()).containsExactly(new ShardReceipt.NonFinite("narrow", 1, 1));
    }

    @Test
    void copiedBytesAreSearchedOnlyOnDemand() throws Exception {
        byte[] odd = values(ELEMENTS, 1.0);
        FloatCodec.F32.put(ByteBuffer.wrap(odd), ELEMENTS - 1, Double.POSITIVE_INFINITY);
        int file = plan.source(write("odd.safetensors", odd, values(ELEMENTS, 1.0)));
        plan.copy("x", plan.tensor(file, "a")).copy("y", plan.tensor(file, "b"));

        assertThat(
                        executor.execute(
                                        plan.task(folder, CopiedBytes.MOVED),
                                        new RecordingControl())
                                .nonFinite())
                .isEmpty();
        assertThat(
                        executor.execute(
                                        plan.task(folder, CopiedBytes.SCANNED),
                                        new RecordingControl())
                                .nonFinite())
                .containsExactly(new ShardReceipt.NonFinite("x", 0, 1));
    }

    private static TensorOp scaled(SourceTensor source, DType result, double scale) {
        return new TensorOp.Convert(source, Optional.empty(), result, Optional.of(scale));
    }

    private TaskFailure failure(TaskRef task, ExecutionControl control) {
        return catchThrowableOfType(
                        TaskFailedException.class, () -> executor.execute(task, control))
                .failure();
    }

    private interface Change {
        void make() throws IOException;
    }

    /** Makes a change as soon as the first bytes, the header, are written. */
    private static ExecutionControl changing(Change change) {
        return new ExecutionControl() {
            private boolean made;

            @Override
            public boolean isCancelled() {
                return false;
            }

            @Override
            public void advanced(long bytes) {
                if (!made) {
                    made = true;
                    try {
                        change.make();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        };
    }

    private static void truncate(Path file) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }

    /** Two float32 tensors, a and b. */
    private Path write(String name, byte[] a, byte[] b) throws IOException {
        Shape shape = Shape.of(a.length / 4);
        return SafetensorsWriter.write(
                folder.resolve(name),
                List.of(
                        new TensorSpec("a", DType.F32, shape),
                        new TensorSpec("b", DType.F32, shape)),
                Arrays.asList(a, b));
    }

    private static byte[] values(int elements, double value) {
        byte[] bytes = new byte[4 * elements];
        for (int i = 0; i < elements; i++) {
            FloatCodec.F32.put(ByteBuffer.wrap(bytes), i, value);
        }
        return bytes;
    }
}
