package io.accrete.local;

import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.worker.tensor.MergeArithmetic;
import io.accrete.worker.tensor.TensorException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What takes long to start and is begun on threads of its own before it is needed: the actor system
 * while the plan is made (a third of a second), the native engine while the job begins (a whole).
 */
final class EarlyStart {
    private static final Logger LOG = LoggerFactory.getLogger(EarlyStart.class);

    private final FutureTask<EmbeddedCluster> cluster;

    private EarlyStart(FutureTask<EmbeddedCluster> cluster) {
        this.cluster = cluster;
    }

    static EarlyStart ofCluster(Path journalFolder) {
        FutureTask<EmbeddedCluster> cluster =
                new FutureTask<>(() -> new EmbeddedCluster(journalFolder));
        Thread.ofPlatform().daemon().name("early-cluster").start(cluster);
        return new EarlyStart(cluster);
    }

    EmbeddedCluster cluster() throws IOException, InterruptedException {
        try {
            return cluster.get();
        } catch (ExecutionException e) {
            throw new IOException("the actor system does not start: " + e.getCause(), e);
        }
    }

    /** It will not be needed; nobody has to wait for its end. */
    void abandon() {
        Thread.ofPlatform().daemon().name("abandoned-cluster").start(this::closeUnused);
    }

    private void closeUnused() {
        try {
            cluster().close();
        } catch (IOException e) {
            LOG.debug("closing a cluster that was never used", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only where something will be computed: a process that copies never loads it. */
    static void ofEngine(MergePlan plan) {
        boolean computes =
                plan.shards().stream()
                        .flatMap(shard -> shard.tensors().stream())
                        .anyMatch(tensor -> !(tensor.op() instanceof TensorOp.Copy));
        if (computes) {
            Thread.ofPlatform().daemon().name("early-engine").start(EarlyStart::startEngine);
        }
    }

    private static void startEngine() {
        try {
            MergeArithmetic.open().close();
        } catch (TensorException e) {
            LOG.debug("a worker will find the same, and say so", e);
        }
    }
}
