package io.accrete.cli;

import io.accrete.coordinator.http.RootMarks;
import io.accrete.node.HealthCheck;
import io.accrete.node.NodeSettings;
import io.accrete.protocol.http.FoldersResource;
import io.accrete.protocol.http.FoldersResource.Root;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the nodes that serve see the same folders under their roots, and this machine too, where
 * it is to have a node.
 */
final class FolderDoctor {
    private static final String MOUNT =
            "mount the same file system there on every machine, under the same path";

    private final String node;
    private final List<HealthCheck> checks = new ArrayList<>();

    private FolderDoctor(String node) {
        this.node = node;
    }

    /**
     * @param told by a node of the cluster
     * @param here the node that this machine is to have
     */
    static List<HealthCheck> look(FoldersResource told, Optional<NodeSettings> here) {
        FolderDoctor doctor = new FolderDoctor(told.node());
        told.roots().forEach(doctor::amongNodes);
        if (here.isPresent()) {
            told.roots().forEach(doctor::here);
            if (here.get().http().isPresent()) {
                doctor.settings(told.roots(), here.get().roots());
            }
        }
        return doctor.checks;
    }

    private void amongNodes(Root root) {
        if (root.mark().isEmpty()) {
            checks.add(
                    HealthCheck.ill(
                            "folders",
                            "%s finds nothing of its own in its root %s, so that it cannot be told"
                                            .formatted(node, root.path())
                                    + " who else has that folder",
                            "let the user that it runs as write there, and start it again"));
        } else if (root.unseen().isEmpty()) {
            checks.add(
                    HealthCheck.well(
                            "folders",
                            "%s of %s is the same folder for %s"
                                    .formatted(root.path(), node, all(root.shared().size()))));
        } else {
            checks.add(
                    HealthCheck.ill(
                            "folders",
                            "%s of %s is another folder for %s, or none of its roots"
                                    .formatted(root.path(), node, String.join(", ", root.unseen())),
                            MOUNT + ", and give all nodes the same --root"));
        }
    }

    private static String all(int nodes) {
        return nodes == 1 ? "the one node that serves" : "all %d that serve".formatted(nodes);
    }

    private void here(Root root) {
        Path path = Path.of(root.path());
        if (!Files.isDirectory(path)) {
            checks.add(
                    HealthCheck.ill(
                            "folders",
                            "%s, a root of %s, is not on this machine".formatted(path, node),
                            MOUNT));
        } else if (root.mark().isPresent()) {
            boolean same = RootMarks.mark(path, node).equals(root.mark());
            checks.add(
                    new HealthCheck(
                            "folders",
                            same,
                            "%s here is %s %s has"
                                    .formatted(path, same ? "what" : "another folder than", node),
                            MOUNT));
        }
    }

    /** A job that this node takes must be one that the others would take. */
    private void settings(List<Root> theirs, List<Path> own) {
        List<Path> others = theirs.stream().map(root -> Path.of(root.path())).toList();
        List<Path> here = own.stream().map(FolderDoctor::real).toList();
        checks.add(
                new HealthCheck(
                        "roots",
                        here.equals(others),
                        here.equals(others)
                                ? "the same as those of " + node
                                : "%s here, %s at %s".formatted(here, others, node),
                        "give all nodes the same --root, in the same order: relative paths of jobs"
                                + " count from the first"));
    }

    private static Path real(Path root) {
        try {
            return root.toRealPath();
        } catch (IOException notThere) {
            return root;
        }
    }
}
