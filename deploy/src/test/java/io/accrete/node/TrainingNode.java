package io.accrete.node;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.oracle.SmallModel;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A node for each test, whose root has a small model, {@code base}, and {@code text.txt}. */
public final class TrainingNode implements BeforeEachCallback, AfterEachCallback {
    private final int workers;
    private @Nullable Path root;
    private @Nullable Node node;
    private @Nullable RemoteJobs jobs;

    public TrainingNode(int workers) {
        this.workers = workers;
    }

    /** Skips the test where the model is not there. */
    @Override
    public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
        SmallModel.folder();
        Path made = Files.createTempDirectory("node").toRealPath();
        root = made;
        SmallModel.copyTo(made.resolve("base"));
        Files.writeString(made.resolve("text.txt"), "The dog ran to the sun.\n".repeat(200));
        node = Node.start(LocalSettings.in(made, workers, Optional.empty()), "test");
        jobs = new RemoteJobs(ServerAddress.of(url(), Optional.empty()));
    }

    public Path root() {
        return Objects.requireNonNull(root);
    }

    public String url() {
        return "http://" + Objects.requireNonNull(node).http().orElseThrow();
    }

    public RemoteJobs jobs() {
        return Objects.requireNonNull(jobs);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (jobs != null) {
            jobs.close();
        }
        if (node != null) {
            node.close();
        }
        if (root != null) {
            DurableFiles.deleteTree(root);
        }
    }
}
