package io.accrete.worker.train;

import io.accrete.worker.link.EdgeName;
import io.accrete.worker.link.EdgeName.Purpose;

import java.util.ArrayList;
import java.util.List;

/**
 * An edge that a pipeline needs.
 *
 * @param depth messages that it holds before who puts waits
 */
record PlannedEdge(EdgeName name, int depth) {

    /**
     * All edges of a pipeline.
     *
     * @param depth of those between neighbours; those for tied parameters hold all messages of a
     *     step, so that no stage ever waits to give what others need
     */
    static List<PlannedEdge> of(PipelineMap map, int depth) {
        List<PlannedEdge> edges = new ArrayList<>();
        int stages = map.count();
        boolean around = map.parts() > stages;
        for (int stage = 0; stage < stages; stage++) {
            int next = (stage + 1) % stages;
            if (next > stage || around) {
                edges.add(new PlannedEdge(new EdgeName(Purpose.FORWARD, stage, next), depth));
                edges.add(new PlannedEdge(new EdgeName(Purpose.BACKWARD, next, stage), depth));
            }
            for (int other = 0; other < stages; other++) {
                int messages =
                        map.usesElsewhere(other, stage).size()
                                + map.sharedWith(stage, other).size();
                if (messages > 0) {
                    edges.add(new PlannedEdge(new EdgeName(Purpose.TIED, stage, other), messages));
                }
            }
        }
        return edges;
    }
}
