package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.TreeMap;

/**
 * Shards in which copied ranges begin at the same offset modulo the block size as in their source,
 * so that a file system can share their blocks.
 *
 * <p>Data in a shard has no holes: a tensor of {@code n} bytes that begins at phase {@code p} makes
 * the next one begin at phase {@code (p + n) mod block}. So tensors are edges between phases, and a
 * shard is a trail along unused edges. Sources are stored without holes too, so trails are long.
 */
final class SharedLayout {
    /** A trail with fewer bytes is not worth a file of its own. */
    private static final long LEAST_TRAIL_BYTES = 1L << 20;

    /** Data sections begin at a multiple of this, as the reference implementation wants it. */
    private static final int ALIGNMENT = 8;

    private final int blockBytes;
    private final long limitBytes;
    private final TreeMap<Integer, Phase> phases = new TreeMap<>();

    private SharedLayout(int blockBytes, long limitBytes) {
        this.blockBytes = blockBytes;
        this.limitBytes = limitBytes;
    }

    /** The unused tensors that begin at one phase, and how many more begin there than end. */
    private static final class Phase {
        private final Queue<PlannedTensor> staying = new ArrayDeque<>();
        private final Queue<PlannedTensor> leaving = new ArrayDeque<>();
        private int surplus;

        Queue<PlannedTensor> next() {
            return staying.isEmpty() ? leaving : staying;
        }
    }

    static List<ShardDraft> draft(List<PlannedTensor> tensors, long limitBytes, int blockBytes) {
        return new SharedLayout(blockBytes, limitBytes).draft(tensors);
    }

    private List<ShardDraft> draft(List<PlannedTensor> tensors) {
        List<PlannedTensor> rest = new ArrayList<>();
        for (PlannedTensor tensor : MergekitLayout.inOrder(tensors)) {
            OptionalInt phase = phaseOf(tensor);
            phase.ifPresentOrElse(p -> addEdge(tensor, p), () -> rest.add(tensor));
        }
        List<ShardDraft> shards = new ArrayList<>();
        for (Optional<Integer> start = start(); start.isPresent(); start = start()) {
            ShardDraft trail = ShardDraft.from(start.get(), trail(start.get()));
            if (trail.bytes() >= LEAST_TRAIL_BYTES) {
                shards.add(trail);
            } else {
                rest.addAll(trail.tensors());
            }
        }
        shards.addAll(MergekitLayout.draft(rest, limitBytes));
        return shards;
    }

    private OptionalInt phaseOf(PlannedTensor tensor) {
        if (tensor.op() instanceof TensorOp.Copy(SourceTensor source)
                && source.offset() % ALIGNMENT == 0) {
            return OptionalInt.of((int) (source.offset() % blockBytes));
        }
        return OptionalInt.empty();
    }

    private void addEdge(PlannedTensor tensor, int from) {
        int to = after(from, tensor);
        Phase phase = phase(from);
        (to == from ? phase.staying : phase.leaving).add(tensor);
        phase.surplus++;
        phase(to).surplus--;
    }

    private Phase phase(int at) {
        return phases.computeIfAbsent(at, p -> new Phase());
    }

    private int after(int phase, PlannedTensor tensor) {
        return (int) ((phase + tensor.bytes()) % blockBytes);
    }

    /** A trail that begins where more tensors begin than end leaves fewer short trails behind. */
    private Optional<Integer> start() {
        Optional<Integer> any = Optional.empty();
        for (var entry : phases.entrySet()) {
            if (!entry.getValue().next().isEmpty()) {
                if (entry.getValue().surplus > 0) {
                    return Optional.of(entry.getKey());
                }
                any = any.or(() -> Optional.of(entry.getKey()));
            }
        }
        return any;
    }

    private List<PlannedTensor> trail(int start) {
        List<PlannedTensor> trail = new ArrayList<>();
        long bytes = 0;
        int at = start;
        while (!phase(at).next().isEmpty()) {
            Queue<PlannedTensor> edges = phase(at).next();
            long more = edges.element().bytes();
            if (!trail.isEmpty() && limitBytes > 0 && bytes + more > limitBytes) {
                return trail;
            }
            PlannedTensor tensor = edges.remove();
            int to = after(at, tensor);
            phase(at).surplus--;
            phase(to).surplus++;
            trail.add(tensor);
            bytes += more;
            at = to;
        }
        return trail;
    }
}
