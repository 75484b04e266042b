package io.accrete.protocol.train;

import com.fasterxml.jackson.core.JsonProcessingException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a training has saved so far, for whoever wants its weights while it goes on: a copy of what
 * its journal says, which only one process can read.
 *
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param states those that are on the disk, by ascending step
 */
public record SavedTraining(String plan, String planSha256, List<State> states) {
    private static final long BYTES_MAX = 16L << 20;

    public SavedTraining {
        states = List.copyOf(states);
    }

    /**
     * A checkpoint that is committed.
     *
     * @param state what else is known after its step
     * @param numericClass of the stages that computed it
     */
    public record State(Checkpoint checkpoint, TrainState state, String numericClass) {
        public int step() {
            return checkpoint.step();
        }
    }

    /**
     * Empty where no training works, or none has been planned yet.
     *
     * @throws IOException if the file cannot be read, or is damaged
     */
    public static Optional<SavedTraining> read(Path file) throws IOException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException("%s is too long for what it should be".formatted(file));
            }
            return Optional.of(
                    TrainingFile.MAPPER.readValue(Files.readAllBytes(file), SavedTraining.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IOException("%s is damaged: %s".formatted(file, e.getOriginalMessage()), e);
        }
    }

    public byte[] json() {
        return TrainingFile.bytes(this);
    }

    public Optional<State> latest() {
        return states.isEmpty() ? Optional.empty() : Optional.of(states.getLast());
    }

    public Optional<State> at(int step) {
        return states.stream().filter(state -> state.step() == step).findFirst();
    }

    public List<Integer> steps() {
        return states.stream().map(State::step).toList();
    }
}
