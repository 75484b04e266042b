package io.accrete.node;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.worker.WorkerAgent;

/** Root of a node's actors: its workers. It hears nothing. */
final class NodeGuardian {
    private NodeGuardian() {}

    /**
     * @param node unique in the cluster, the first half of its workers' names
     */
    static Behavior<Void> create(String node, int workers) {
        return Behaviors.setup(
                context -> {
                    for (int worker = 1; worker <= workers; worker++) {
                        String name = "%s-%d".formatted(node, worker);
                        context.spawn(WorkerAgent.create(name, workers), "worker-" + worker);
                    }
                    return Behaviors.empty();
                });
    }
}
