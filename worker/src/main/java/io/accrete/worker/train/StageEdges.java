package io.accrete.worker.train;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.worker.link.EdgeName;
import io.accrete.worker.link.EdgeName.Purpose;
import io.accrete.worker.link.EpochLinks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the stages of this process pass to others and take from them: states forward, gradients
 * back, and what tied parameters need. Where the other stage is makes no difference to a stage.
 */
public final class StageEdges {
    private final int stages;
    private final Map<EdgeName, TensorEdge> edges = new HashMap<>();

    private StageEdges(PipelineMap map) {
        this.stages = map.count();
    }

    /**
     * Of stages that are all in this process.
     *
     * @param depth messages that an edge between two stages holds
     */
    public static StageEdges inProcess(PipelineMap map, int depth) {
        StageEdges all = new StageEdges(map);
        for (PlannedEdge edge : PlannedEdge.of(map, depth)) {
            all.edges.put(edge.name(), new QueueEdge(edge.depth()));
        }
        return all;
    }

    /**
     * Of stages of which some are elsewhere.
     *
     * @param elsewhere where the stages are that are not in this process
     * @param bytesMax of a tensor
     */
    public static StageEdges across(
            PipelineMap map,
            int depth,
            Map<Integer, LinkAddress> elsewhere,
            EpochLinks links,
            long bytesMax) {
        StageEdges all = new StageEdges(map);
        List<PlannedEdge> planned = PlannedEdge.of(map, depth);
        for (PlannedEdge edge : planned) {
            EdgeName name = edge.name();
            LinkAddress to = elsewhere.get(name.to());
            boolean comesFromHere = !elsewhere.containsKey(name.from());
            if (to == null && comesFromHere) {
                all.edges.put(name, new QueueEdge(edge.depth()));
            } else if (to == null) {
                all.edges.put(name, LinkedEdge.into(links.incoming(name, edge.depth(), bytesMax)));
            } else if (comesFromHere) {
                all.edges.put(name, LinkedEdge.outOf(links.outgoing(name, to, bytesMax)));
            }
        }
        return all;
    }

    /** Between a stage and the one after it; after the last comes the first. */
    TensorEdge forwardFrom(int stage) {
        return edge(Purpose.FORWARD, stage, stage + 1);
    }

    TensorEdge forwardInto(int stage) {
        return edge(Purpose.FORWARD, stage - 1, stage);
    }

    /** Between a stage and the one before it; before the first comes the last. */
    TensorEdge backwardFrom(int stage) {
        return edge(Purpose.BACKWARD, stage, stage - 1);
    }

    TensorEdge backwardInto(int stage) {
        return edge(Purpose.BACKWARD, stage + 1, stage);
    }

    TensorEdge tied(int from, int to) {
        return edge(Purpose.TIED, from, to);
    }

    private TensorEdge edge(Purpose purpose, int from, int to) {
        EdgeName name =
                new EdgeName(purpose, Math.floorMod(from, stages), Math.floorMod(to, stages));
        return Optional.ofNullable(edges.get(name))
                .orElseThrow(() -> new IllegalStateException("there is no " + name));
    }
}
