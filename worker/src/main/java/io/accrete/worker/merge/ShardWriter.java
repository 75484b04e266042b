package io.accrete.worker.merge;

import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.merge.ShardReceipt.NonFinite;
import io.accrete.protocol.merge.ShardReceipt.TensorDigest;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Carries out the steps of one shard and keeps what its receipt will say of them. */
final class ShardWriter implements AutoCloseable {
    private final Sources sources;
    private final ShardFile shard;
    private final RangeCopier copier;
    private final int threads;
    private final List<TensorDigest> computed = new ArrayList<>();
    private final List<TensorDigest> copied = new ArrayList<>();
    private final List<NonFinite> nonFinite = new ArrayList<>();
    private long computedBytes;

    /** Made by the first tensor that is computed: a shard of copies needs no arithmetic. */
    private @Nullable TensorCalculator calculator;

    /**
     * @param threads that compute
     */
    ShardWriter(Sources sources, ShardFile shard, int threads) {
        this.sources = sources;
        this.shard = shard;
        this.threads = threads;
        this.copier = new RangeCopier(sources, shard);
    }

    void write(ShardStep step) throws IOException, TaskFailedException {
        switch (step) {
            case ShardStep.Copy copy -> copier.copy(copy);
            case ShardStep.Compute compute -> compute(compute);
        }
    }

    private void compute(ShardStep.Compute step) throws IOException, TaskFailedException {
        if (calculator == null) {
            calculator = new TensorCalculator(sources, shard, threads);
        }
        TensorCalculator.Written written = calculator.compute(step);
        computed.add(new TensorDigest(step.index(), written.sha256()));
        computedBytes += step.task().output().bytes();
        seen(step.task().output().name(), written.nonFinite());
    }

    /** Notes what was found in a tensor, if anything was. */
    void seen(String tensor, NonFiniteCount count) {
        if (!count.isZero()) {
            nonFinite.add(new NonFinite(tensor, count.nan(), count.infinite()));
        }
    }

    List<TensorDigest> computed() {
        return computed;
    }

    /** Notes the digest of a tensor that was copied. */
    void digested(int tensor, String sha256) {
        copied.add(new TensorDigest(tensor, sha256));
    }

    List<TensorDigest> copied() {
        return copied;
    }

    List<NonFinite> nonFinite() {
        return nonFinite;
    }

    Moved moved() {
        return copier.moved().plus(new Moved(0, 0, computedBytes));
    }

    @Override
    public void close() {
        copier.close();
        if (calculator != null) {
            calculator.close();
        }
    }
}
