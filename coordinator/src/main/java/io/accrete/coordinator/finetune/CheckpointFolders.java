package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.SavedTraining;

import java.io.IOException;
import java.nio.file.FileSystemException;
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

    /**
     * The same bytes under another folder's name, which they keep if the first is deleted.
     *
     * @param folder that is made
     * @throws IOException if the first is gone, or damaged
     */
    static Checkpoint link(Checkpoint checkpoint, Path folder) throws IOException {
        DurableFiles.createFolder(folder);
        for (CheckpointPart part : checkpoint.parts()) {
            Path from = Path.of(checkpoint.folder()).resolve(part.file());
            Path to = folder.resolve(part.file());
            try {
                Files.createLink(to, from);
            } catch (NoSuchFileException e) {
                throw e;
            } catch (FileSystemException | UnsupportedOperationException otherDisk) {
                DurableFiles.copy(from, to);
            }
        }
        Checkpoint linked =
                new Checkpoint(checkpoint.step(), folder.toString(), checkpoint.parts());
        Optional<String> damage = damage(linked);
        if (damage.isPresent()) {
            throw new IOException(damage.get());
        }
        return durable(linked);
    }

    /** Says on the disk what is committed, for who cannot ask the journal. */
    static void tell(Staging staging, TrainingState training) throws IOException {
        SavedTraining saved =
                new SavedTraining(
                        training.plan().file(),
                        training.plan().sha256(),
                        training.checkpoints().values().stream()
                                .map(
                                        one ->
                                                new SavedTraining.State(
                                                        one.checkpoint(),
                                                        one.state(),
                                                        one.numericClass()))
                                .toList());
        DurableFiles.write(staging.saved(), saved.json());
    }

    /** Names of the folders that a training may still need. */
    static List<String> of(TrainingState training) {
        return training.checkpoints().values().stream()
                .map(committed -> committed.checkpoint().folder())
                .toList();
    }

    /**
     * Where the stages write their state after a step.
     *
     * @param round in which they do: each has folders of its own
     */
    static String of(Staging staging, int step, long round) {
        return staging.checkpoints().resolve("step-%09d.%d".formatted(step, round)).toString();
    }

    /**
     * Deletes all of earlier rounds but those that are kept.
     *
     * @param round that may have begun to write its own
     * @return how many
     */
    static int deleteOthers(Staging staging, List<String> kept, long round) throws IOException {
        DurableFiles.createFolder(staging.checkpoints());
        List<String> others = new ArrayList<>();
        try (Stream<Path> folders = Files.list(staging.checkpoints())) {
            folders.map(Path::toString)
                    .filter(folder -> !kept.contains(folder) && !isOf(folder, round))
                    .forEach(others::add);
        }
        return delete(others);
    }

    private static boolean isOf(String folder, long round) {
        return folder.endsWith("." + round);
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
