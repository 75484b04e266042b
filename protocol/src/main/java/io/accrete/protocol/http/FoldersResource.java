package io.accrete.protocol.http;

import java.util.List;
import java.util.Optional;

/**
 * The roots of a node, and who else sees the same folder there: each node that serves leaves a mark
 * in its roots, and whose mark is found at a path has the same folder under it.
 *
 * @param node its address, {@code HOST:PORT} between nodes
 * @param roots in the order of its settings
 */
public record FoldersResource(String node, List<Root> roots) {
    public FoldersResource {
        roots = List.copyOf(roots);
    }

    /**
     * @param mark of the answering node, which no other and no other start of it has; empty where
     *     it can leave none
     * @param shared nodes that serve, whose mark is there; the answering one too
     * @param unseen nodes that serve, whose mark is not
     */
    public record Root(
            String path, Optional<String> mark, List<String> shared, List<String> unseen) {
        public Root {
            shared = List.copyOf(shared);
            unseen = List.copyOf(unseen);
        }
    }
}
