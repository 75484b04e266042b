package io.accrete.node;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.worker.WorkerAgent;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.tensor.PresentDevice;

import java.util.List;
import java.util.Optional;

/** Root of a node's own actors: its workers, and a watch over the cluster. It hears nothing. */
final class NodeGuardian {
    private NodeGuardian() {}

    /**
     * @param serves it is one of the nodes that serve
     * @param node unique in the cluster, the first half of its workers' names
     * @param devices one for each worker
     * @param link where stages in other processes reach those in this one, if they can
     */
    static Behavior<Void> create(
            boolean serves, String node, List<PresentDevice> devices, Optional<LinkServer> link) {
        return Behaviors.setup(
                context -> {
                    if (!serves) {
                        context.spawn(NobodyServes.create(), "nobody-serves");
                    }
                    int workers = devices.size();
                    for (int worker = 1; worker <= workers; worker++) {
                        String name = "%s-%d".formatted(node, worker);
                        context.spawn(
                                WorkerAgent.create(name, workers, link, devices.get(worker - 1)),
                                "worker-" + worker);
                    }
                    return Behaviors.empty();
                });
    }
}
