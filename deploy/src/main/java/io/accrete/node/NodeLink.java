package io.accrete.node;

import com.typesafe.config.Config;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.worker.WorkerSettings;
import io.accrete.worker.link.LinkServer;

import java.io.IOException;
import java.util.Optional;

/** What a node listens with for tensors of stages in other processes. */
final class NodeLink {
    private NodeLink() {}

    /**
     * @param config with the section {@code accrete.worker}
     * @throws NodeRefusal if it cannot listen there
     */
    static Optional<LinkServer> open(NodeSettings settings, Config config) throws NodeRefusal {
        Optional<NodeSettings.Link> link = settings.links();
        if (link.isEmpty()) {
            return Optional.empty();
        }
        Endpoint bind = link.get().bind();
        try {
            return Optional.of(
                    LinkServer.open(
                            address(bind),
                            address(link.get().named()),
                            WorkerSettings.links(config)));
        } catch (IOException e) {
            throw NodeRefusal.of(
                    NodeRefusal.Kind.MACHINE,
                    "CLU-106",
                    "--link-bind %s cannot be listened on: %s".formatted(bind, e.getMessage()),
                    "name an address of this machine and a port that is free");
        }
    }

    private static LinkAddress address(Endpoint endpoint) {
        return new LinkAddress(endpoint.host(), endpoint.port());
    }
}
