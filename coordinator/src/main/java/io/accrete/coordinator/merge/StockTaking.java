package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * What of an earlier run is still of use.
 *
 * @param lost shards that have a receipt but no file of the right size
 * @param kept number of shards that have both
 */
record StockTaking(List<Integer> lost, int kept) {

    /** Also clears away what workers left behind: their leases have ended. */
    static StockTaking of(
            MergePlan plan, SortedMap<Integer, ShardReceipt> receipts, Staging staging)
            throws IOException {
        DurableFiles.createFolder(staging.tmp());
        DurableFiles.deleteEntries(staging.tmp());
        DurableFiles.createFolder(staging.model());
        List<Integer> lost = new ArrayList<>();
        for (ShardReceipt receipt : receipts.values()) {
            Path file = staging.shard(plan.shards().get(receipt.shard()).file());
            if (!Files.isRegularFile(file) || Files.size(file) != receipt.bytes()) {
                lost.add(receipt.shard());
            }
        }
        return new StockTaking(List.copyOf(lost), receipts.size() - lost.size());
    }

    String sentence() {
        return lost.isEmpty()
                ? "kept from an earlier run: %s".formatted(Quantity.of(kept, "shard"))
                : "kept from an earlier run: %s; not there any more: %d"
                        .formatted(Quantity.of(kept, "shard"), lost.size());
    }
}
