package io.accrete.worker.train;

import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.train.BatchSettings;
import io.accrete.protocol.train.DataSettings;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.data.DataException;
import io.accrete.worker.data.EvaluationRows;
import io.accrete.worker.data.ModelVocabulary;
import io.accrete.worker.data.Overlap;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.data.TrainingRows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The texts of a training as micro-batches. Which comes when follows from its place alone. */
public final class TrainingData {
    private final BatchSettings batch;
    private final TrainingRows rows;
    private final List<MicroBatch> validation;
    private final int overlap;
    private final int held;

    private TrainingData(BatchSettings batch, TrainingRows rows, List<TokenRow> held) {
        this.batch = batch;
        this.rows = rows;
        this.validation = List.copyOf(batches(held, batch.microBatch()));
        this.overlap = Overlap.count(held, rows.all());
        this.held = held.size();
    }

    /**
     * @throws DataException if a file has a mistake, or nothing is left to learn from
     * @throws SourceChangedException if a file is not what was planned with
     */
    public static TrainingData read(PlannedTraining planned, TrainingModel model)
            throws IOException {
        TrainJob job = planned.job();
        DataSettings settings = job.data();
        try (ModelVocabulary vocabulary = new ModelVocabulary(model.folder(), model.config())) {
            List<TokenRow> held = new ArrayList<>();
            for (Path file : unchanged(planned.sources().validation())) {
                int window = Math.max(1, settings.sequenceLength() - 1);
                held.addAll(EvaluationRows.of(file, vocabulary, window));
            }
            return new TrainingData(
                    job.batch(),
                    TrainingRows.of(
                            unchanged(planned.sources().train()),
                            vocabulary,
                            settings.sequenceLength(),
                            settings.pack(),
                            settings.shuffle(),
                            job.seed()),
                    held);
        }
    }

    private static List<Path> unchanged(List<DataFile> files) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (DataFile file : files) {
            Path path = Path.of(file.path());
            if (!DataFile.of(path).equals(file)) {
                throw new SourceChangedException(
                        "%s is not what it was when the training was planned".formatted(path));
            }
            paths.add(path);
        }
        return paths;
    }

    private static List<MicroBatch> batches(List<TokenRow> rows, int size) {
        List<MicroBatch> batches = new ArrayList<>();
        for (int start = 0; start < rows.size(); start += size) {
            batches.add(MicroBatches.of(rows.subList(start, Math.min(rows.size(), start + size))));
        }
        return batches;
    }

    /** What a person may want to know of them, as sentences. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (rows.split() > 0) {
            remarks.add(
                    "%d rows are longer than data.sequence_length and were split"
                            .formatted(rows.split()));
        }
        if (overlap > 0) {
            remarks.add(
                    "%d of the %d rows of data.validation stand in data.train as well: the"
                                    .formatted(overlap, held)
                            + " validation loss tells in part what was learnt by heart");
        }
        return remarks;
    }

    /**
     * The micro-batches of a step.
     *
     * @param firstRow how many rows steps have seen before
     */
    public List<MicroBatch> step(long firstRow) {
        long next = firstRow;
        List<MicroBatch> microBatches = new ArrayList<>();
        for (int i = 0; i < batch.accumulate(); i++) {
            List<TokenRow> own = new ArrayList<>();
            for (int row = 0; row < batch.microBatch(); row++) {
                own.add(rows.at(next++));
            }
            microBatches.add(MicroBatches.of(own));
        }
        return microBatches;
    }

    /** Bytes of the largest tensor between stages: states of a micro-batch, or a parameter. */
    public long tensorBytesMax(TrainingModel model, PlannedPhase phase) {
        int other = model.teacher().map(TeacherSetup::hidden).orElse(0);
        long hidden = Math.max(model.config().hidden(), other);
        DataSettings data = phase.plan().job().data();
        long positions = (long) batch.microBatch() * data.sequenceLength();
        for (MicroBatch held : validation) {
            positions = Math.max(positions, (long) held.rows() * held.positions());
        }
        if (!phase.plan().job().monitor().sample().isEmpty()) {
            positions = Math.max(positions, SamplePrompts.POSITIONS_MAX);
        }
        long parameter =
                phase.tensors().stream()
                        .mapToLong(tensor -> tensor.shape().elements())
                        .max()
                        .orElse(0);
        return Float.BYTES * Math.max(positions * hidden, parameter);
    }

    /** Empty if nothing is held back. */
    public List<MicroBatch> validation() {
        return validation;
    }
}
