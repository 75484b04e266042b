package io.accrete.coordinator.http;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;

import io.accrete.protocol.http.FoldersResource;
import io.accrete.protocol.http.FoldersResource.Root;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a node leaves in its roots while it serves, by which others see whether they have the same
 * folders: a file with its address as name, and in it what only this start of it has. One that a
 * killed node left behind is no node's any more.
 */
public final class RootMarks {
    /** In each root. */
    private static final String FOLDER = ".accrete-nodes";

    private static final Logger LOG = LoggerFactory.getLogger(RootMarks.class);
    private static final int MARK_BYTES_MAX = 100;

    /** How often others may take the folder away between its making and its use. */
    private static final int TRIES = 3;

    private final ClusterLook cluster;
    private final List<Path> roots;

    RootMarks(ClusterLook cluster, Roots roots) {
        this.cluster = cluster;
        this.roots = roots.all();
    }

    /** Until the system ends. Where nothing can be written, nothing is: no job needs it. */
    void leave(ActorSystem<?> system) {
        for (Path root : roots) {
            try {
                leave(root);
            } catch (IOException e) {
                LOG.info("no mark of this node can be left in {}: {}", root, e.toString());
            }
        }
        CoordinatedShutdown.get(system)
                .addTask(
                        CoordinatedShutdown.PhaseServiceStop(),
                        "root marks",
                        () -> {
                            roots.forEach(this::take);
                            return CompletableFuture.completedFuture(Done.getInstance());
                        });
    }

    private void leave(Path root) throws IOException {
        Path folder = root.resolve(FOLDER);
        Path file = folder.resolve(cluster.self());
        for (int tried = 1; ; tried++) {
            try {
                Files.createDirectories(folder);
                // What lies there may be a link to anywhere.
                Files.deleteIfExists(file);
                Files.writeString(file, cluster.mark(), StandardOpenOption.CREATE_NEW);
                return;
            } catch (NoSuchFileException e) {
                if (tried == TRIES) {
                    throw e;
                }
            }
        }
    }

    private void take(Path root) {
        Path folder = root.resolve(FOLDER);
        try {
            if (mark(root, cluster.self()).equals(Optional.of(cluster.mark()))) {
                Files.deleteIfExists(folder.resolve(cluster.self()));
            }
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException othersAreThere) {
            return;
        } catch (IOException e) {
            LOG.info("the mark of this node stays in {}: {}", root, e.toString());
        }
    }

    /** The roots, and whose marks this node sees there. Reads files. */
    FoldersResource seen() {
        Map<String, String> marks = cluster.marks();
        return new FoldersResource(
                cluster.self(), roots.stream().map(root -> seen(root, marks)).toList());
    }

    private Root seen(Path root, Map<String, String> marks) {
        List<String> shared = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        marks.forEach(
                (node, mark) ->
                        (mark(root, node).equals(Optional.of(mark)) ? shared : unseen).add(node));
        return new Root(
                root.toString(),
                Optional.of(cluster.mark()).filter(_ -> shared.contains(cluster.self())),
                shared,
                unseen);
    }

    /** The mark of a node, if one lies in that folder. */
    public static Optional<String> mark(Path root, String node) {
        Path file = root.resolve(FOLDER).resolve(node);
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(
                    new String(in.readNBytes(MARK_BYTES_MAX), StandardCharsets.ISO_8859_1));
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }
}
