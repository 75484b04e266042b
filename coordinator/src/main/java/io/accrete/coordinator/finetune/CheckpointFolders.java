package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The checkpoints of a training on disk. */
final class CheckpointFolders {
    private CheckpointFolders() {}

    /** Sees to it that names are as durable as the bytes that stages have written. */
    static Checkpoint durable(Checkpoint checkpoint) throws IOException {
        Path folder = Path.of(checkpoint.folder());
        for (CheckpointPart part : checkpoint.parts()) {
            long bytes = Files.size(folder.resolve(part.file()));
            if (bytes != part.bytes()) {
                throw new IOException(
                        "%s has %,d bytes, and its stage has written %,d"
                                .formatted(folder.resolve(part.file()), bytes, part.bytes()));
            }
        }
        DurableFiles.syncFolder(folder);
        DurableFiles.syncFolder(Optional.ofNullable(folder.getParent()).orElse(folder));
        return checkpoint;
    }

    /** What is wrong with it, as a sentence; reads every byte. */
    static Optional<String> damage(Checkpoint checkpoint) throws IOException {
        for (CheckpointPart part : checkpoint.parts()) {
            Path file = Path.of(checkpoint.folder()).resolve(part.file());
            try {
                if (Files.size(file) != part.bytes()) {
                    return Optional.of(
                            "%s has %,d bytes instead of %,d"
                                    .formatted(file, Files.size(file), part.bytes()));
                }
                if (!Sha256.hex(file).equals(part.sha256())) {
                    return Optional.of(file + " has other bytes than were written");
                }
            } catch (NoSuchFileException e) {
                return Optional.of(file + " is gone");
            }
        }
        return Optional.empty();
    }

    /** Names of the folders that a training may still need. */
    static List<String> of(TrainingState training) {
        return training.checkpoints().values().stream()
                .map(committed -> committed.checkpoint().folder())
                .toList();
    }

    /**
     * Deletes all but those that are kept.
     *
     * @return how many
     */
    static int deleteOthers(Staging staging, List<String> kept) throws IOException {
        DurableFiles.createFolder(staging.checkpoints());
        List<String> others = new ArrayList<>();
        try (Stream<Path> folders = Files.list(staging.checkpoints())) {
            folders.map(Path::toString).filter(f -> !kept.contains(f)).forEach(others::add);
        }
        return delete(others);
    }

    /**
     * @return how many
     */
    static int delete(List<String> folders) throws IOException {
        for (String folder : folders) {
            DurableFiles.deleteTree(Path.of(folder));
        }
        return folders.size();
    }
}
