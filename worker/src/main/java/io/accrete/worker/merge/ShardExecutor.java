package io.accrete.worker.merge;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.worker.tensor.EngineException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Writes output shards, exactly as their tasks say. May be used by several threads at once. */
public final class ShardExecutor implements TaskExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(ShardExecutor.class);

    /** What mergekit writes, and loaders expect. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final PlanCache plans = new PlanCache();
    private final int threads;

    /**
     * @param threads that compute one shard, beside the one that writes it; the bytes are the same
     *     with any number
     */
    public ShardExecutor(int threads) {
        this.threads = threads;
    }

    @Override
    public ShardReceipt execute(TaskRef task, ExecutionControl control) throws TaskFailedException {
        Path target = Path.of(task.target());
        try {
            MergePlan plan = plan(task);
            ShardTask shard = plan.shards().get(task.shard());
            try (Sources sources = new Sources(plan, shard)) {
                return write(shard, sources, task, control);
            }
        } catch (TaskFailedException e) {
            delete(target);
            throw e;
        } catch (NoSuchFileException e) {
            // A folder that is not mounted here is no fault of the tasks, nor of the worker.
            throw new TaskFailedException(
                    TaskFailure.Kind.UNABLE,
                    "it does not see %s, which the coordinator wrote".formatted(e.getFile()),
                    e);
        } catch (IOException e) {
            delete(target);
            throw new TaskFailedException(TaskFailure.Kind.IO, StorageFailure.sentence(e), e);
        } catch (EngineException e) {
            delete(target);
            LOG.debug("{} cannot be computed here", target, e);
            throw new TaskFailedException(
                    TaskFailure.Kind.UNABLE, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | LinkageError e) {
            delete(target);
            LOG.error("{} could not be written", target, e);
            throw new TaskFailedException(
                    TaskFailure.Kind.INTERNAL, "%s: %s".formatted(target.getFileName(), e), e);
        }
    }

    /** One that is another, or cannot be read, is the matter of its job alone. */
    private MergePlan plan(TaskRef task) throws TaskFailedException {
        try {
            return plans.plan(task);
        } catch (IOException e) {
            throw new TaskFailedException(TaskFailure.Kind.UNABLE, StorageFailure.sentence(e), e);
        }
    }

    private ShardReceipt write(
            ShardTask shard, Sources sources, TaskRef task, ExecutionControl control)
            throws IOException, TaskFailedException {
        Path target = Path.of(task.target());
        sources.verify();
        ShardRoom.require(shard, target);
        try (ShardFile file = ShardFile.create(target, control)) {
            try {
                ShardReceipt receipt = write(shard, sources, file, task.copies());
                // Whoever replaced a source under the copy has changed what its identity shows.
                sources.verify();
                return receipt;
            } catch (IOException e) {
                // What failed may only be what follows from a changed source or a full disk.
                sources.verify();
                if (StorageFailure.isFullDisk(e, target, shard.bytes() - file.size())) {
                    throw ShardRoom.full(shard, target, e);
                }
                throw e;
            }
        }
    }

    private ShardReceipt write(ShardTask shard, Sources sources, ShardFile file, CopiedBytes copies)
            throws IOException, TaskFailedException {
        byte[] header = header(shard);
        file.append(ByteBuffer.wrap(header));
        try (ShardWriter writer = new ShardWriter(sources, file, threads)) {
            for (ShardStep step : ShardStep.of(shard)) {
                writer.write(step);
            }
            if (copies != CopiedBytes.MOVED) {
                new CopyScan(sources, file, copies).scan(shard, writer);
            }
            file.finish();
            if (file.size() != shard.bytes()) {
                throw new IllegalStateException(
                        "%s has %,d bytes, planned are %,d"
                                .formatted(shard.file(), file.size(), shard.bytes()));
            }
            return new ShardReceipt(
                    shard.index(),
                    shard.bytes(),
                    Sha256.hex(header),
                    writer.computed(),
                    writer.copied(),
                    writer.nonFinite(),
                    writer.moved());
        }
    }

    private static byte[] header(ShardTask shard) {
        return ShardHeader.encode(
                shard.tensors().stream().map(TensorTask::output).toList(),
                METADATA,
                shard.headerBytes());
    }

    private static void delete(Path target) {
        try {
            Files.deleteIfExists(target);
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", target, StorageFailure.sentence(e));
        }
    }
}
