package io.accrete.coordinator.merge;

import io.accrete.coordinator.pool.JobOffer;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How far a merge is: its plan, and the receipts of the shards that stand.
 *
 * @param receipts by index of the shard
 * @param resumed how many of them an earlier run had finished
 */
record MergeProgress(MergePlan plan, SortedMap<Integer, ShardReceipt> receipts, int resumed) {

    static MergeProgress begun(MergePlan plan) {
        return new MergeProgress(plan, new TreeMap<>(), 0);
    }

    MergeProgress with(ShardReceipt receipt) {
        SortedMap<Integer, ShardReceipt> more = new TreeMap<>(receipts);
        more.put(receipt.shard(), receipt);
        return new MergeProgress(plan, more, resumed);
    }

    MergeProgress without(Collection<Integer> shards) {
        SortedMap<Integer, ShardReceipt> fewer = new TreeMap<>(receipts);
        fewer.keySet().removeAll(shards);
        return new MergeProgress(plan, fewer, Math.min(resumed, fewer.size()));
    }

    boolean isComplete() {
        return receipts.size() == plan.shards().size();
    }

    List<JobOffer.Task> remaining() {
        return plan.shards().stream()
                .filter(task -> !receipts.containsKey(task.index()))
                .map(MergeProgress::task)
                .toList();
    }

    long bytesRemaining() {
        return remaining().stream().mapToLong(JobOffer.Task::bytes).sum();
    }

    /** Shards with results of arithmetic, which belong to one numeric class. */
    List<Integer> computedShards() {
        return receipts.keySet().stream()
                .filter(shard -> isComputed(plan.shards().get(shard)))
                .toList();
    }

    ShardReceipt.Moved moved() {
        return receipts.values().stream()
                .map(ShardReceipt::moved)
                .reduce(ShardReceipt.Moved.NONE, ShardReceipt.Moved::plus);
    }

    static MergeSummary summary(
            MergePlan plan,
            String output,
            ShardReceipt.Moved moved,
            double seconds,
            int shardsResumed) {
        return new MergeSummary(
                output,
                plan.model().layers(),
                plan.model().tensors(),
                plan.model().parameters(),
                plan.shards().stream().mapToLong(task -> task.bytes() - task.headerBytes()).sum(),
                plan.shards().size(),
                seconds,
                moved.shared(),
                moved.copied(),
                moved.computed(),
                shardsResumed);
    }

    private static JobOffer.Task task(ShardTask task) {
        Set<Integer> sources =
                task.tensors().stream()
                        .flatMap(MergeProgress::sources)
                        .map(SourceTensor::file)
                        .collect(Collectors.toSet());
        return new JobOffer.Task(
                task.index(), task.file(), task.bytes(), isComputed(task), sources);
    }

    private static boolean isComputed(ShardTask task) {
        return task.tensors().stream().anyMatch(t -> !(t.op() instanceof TensorOp.Copy));
    }

    private static Stream<SourceTensor> sources(TensorTask task) {
        return switch (task.op()) {
            case TensorOp.Copy op -> Stream.of(op.source());
            case TensorOp.Convert op -> Stream.of(op.source());
            case TensorOp.Linear op -> op.inputs().stream().map(TensorOp.Weighted::source);
            case TensorOp.Slerp op -> Stream.of(op.base(), op.other());
        };
    }
}
