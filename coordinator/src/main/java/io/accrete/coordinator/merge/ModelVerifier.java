package io.accrete.coordinator.merge;

import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Compares the shards on disk with their plan and their receipts; reads headers only. */
final class ModelVerifier {
    private ModelVerifier() {}

    /**
     * @return one sentence for each thing that is wrong
     */
    static List<String> verify(
            MergePlan plan, SortedMap<Integer, ShardReceipt> receipts, Path model)
            throws IOException {
        List<String> faults = new ArrayList<>();
        for (ShardTask task : plan.shards()) {
            ShardReceipt receipt = receipts.get(task.index());
            if (receipt == null) {
                faults.add(task.file() + ": no worker has reported it");
                continue;
            }
            receiptFaults(task, receipt, faults);
            fileFaults(task, receipt, model.resolve(task.file()), faults);
        }
        return faults;
    }

    private static void receiptFaults(ShardTask task, ShardReceipt receipt, List<String> faults) {
        Set<Integer> digested =
                receipt.computed().stream()
                        .map(ShardReceipt.TensorDigest::tensor)
                        .collect(Collectors.toSet());
        for (int i = 0; i < task.tensors().size(); i++) {
            TensorTask tensor = task.tensors().get(i);
            if (!(tensor.op() instanceof TensorOp.Copy) && !digested.contains(i)) {
                faults.add(
                        "%s: the receipt has no digest of computed tensor `%s`"
                                .formatted(task.file(), tensor.output().name()));
            }
        }
        if (receipt.bytes() != task.bytes()) {
            faults.add(
                    "%s: the worker reported %d bytes, the plan says %d"
                            .formatted(task.file(), receipt.bytes(), task.bytes()));
        }
    }

    private static void fileFaults(
            ShardTask task, ShardReceipt receipt, Path file, List<String> faults)
            throws IOException {
        SafetensorsFile shard;
        try {
            shard = SafetensorsFile.open(file);
        } catch (NoSuchFileException e) {
            faults.add(task.file() + ": it is not there");
            return;
        } catch (SafetensorsException e) {
            faults.add(e.getMessage());
            return;
        }
        SafetensorsHeader header = shard.header();
        if (shard.identity().size() != task.bytes()) {
            faults.add(
                    "%s: it has %d bytes, the plan says %d"
                            .formatted(task.file(), shard.identity().size(), task.bytes()));
        }
        if (!header.sha256().equals(receipt.headerSha256())) {
            faults.add(task.file() + ": its header is not the one that the worker reported");
        }
        if (!entries(header).equals(entries(task))) {
            faults.add(task.file() + ": its tensors are not those of the plan");
        }
    }

    private static List<SafetensorsHeader.Entry> entries(SafetensorsHeader header) {
        return header.entries();
    }

    private static List<SafetensorsHeader.Entry> entries(ShardTask task) {
        return task.tensors().stream()
                .map(
                        tensor ->
                                new SafetensorsHeader.Entry(
                                        tensor.output(),
                                        tensor.offset(),
                                        tensor.offset() + tensor.output().bytes()))
                .toList();
    }
}
