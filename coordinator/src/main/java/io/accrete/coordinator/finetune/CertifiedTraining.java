package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainSources;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.train.WrittenShard;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes out the certificate of a training that is done. */
final class CertifiedTraining {
    private CertifiedTraining() {}

    /**
     * @param inputs see {@link #inputs}
     * @param training as it is journaled
     * @param metrics objects of {@code metrics.jsonl}
     * @param base validation loss of the untouched base, if it was measured
     * @param baseline validation loss of the fine-tuned base, if there is one
     * @param program what writes it, with its version
     */
    static Certificate of(
            PlannedTraining planned,
            Certificate.Inputs inputs,
            TrainingState training,
            List<WrittenShard> shards,
            List<JsonNode> metrics,
            Optional<Double> base,
            Optional<Double> baseline,
            String program) {
        TrainJob job = planned.job();
        SortedMap<String, String> tensors = new TreeMap<>();
        shards.forEach(shard -> tensors.putAll(shard.tensors()));
        return new Certificate(
                Certificate.FORMAT,
                program,
                System.getProperty("java.runtime.version", ""),
                training.latest().map(JobEvent.CheckpointCommitted::numericClass).orElse(""),
                planned.digest(),
                job.seed(),
                Certificate.settings(job),
                planned.last().plan().sites(),
                inputs,
                new Certificate.Result(tensors.size(), Certificate.digest(tensors)),
                metrics(job, training, metrics, base, baseline),
                run(training, metrics),
                null);
    }

    /** Reads the texts of the training once more. */
    static Certificate.Inputs inputs(TrainSources sources) throws IOException {
        List<Certificate.WeightFile> weights = new ArrayList<>();
        Stream.of(Optional.of(sources.model()), sources.teacher(), sources.adapter())
                .flatMap(Optional::stream)
                .flatMap(folder -> folder.weights().stream())
                .map(CertifiedTraining::weights)
                .forEach(weights::add);
        return new Certificate.Inputs(weights, texts(sources.train()), texts(sources.validation()));
    }

    private static Certificate.WeightFile weights(FileIdentity file) {
        return new Certificate.WeightFile(
                file.path(), file.size(), file.modifiedNanos(), file.headerSha256());
    }

    private static List<Certificate.Text> texts(List<DataFile> files) throws IOException {
        List<Certificate.Text> texts = new ArrayList<>();
        for (DataFile file : files) {
            texts.add(
                    new Certificate.Text(
                            file.path(), file.bytes(), Sha256.hex(Path.of(file.path()))));
        }
        return texts;
    }

    private static Certificate.Metrics metrics(
            TrainJob job,
            TrainingState training,
            List<JsonNode> lines,
            Optional<Double> base,
            Optional<Double> baseline) {
        TrainState done = training.done();
        int published = training.publishedStep();
        Double after = null;
        for (JsonNode line : lines) {
            JsonNode loss = line.path("validation").path("loss");
            if (line.path("step").asInt() == published && loss.isNumber()) {
                after = loss.doubleValue();
            }
        }
        return new Certificate.Metrics(
                done.step(),
                done.tokens(),
                Double.isFinite(done.loss()) ? done.loss() : null,
                base.orElse(null),
                done.validationBefore().orElse(null),
                after,
                Math.max(1, job.data().sequenceLength() - 1),
                published,
                baseline.orElse(null));
    }

    private static Certificate.Run run(TrainingState training, List<JsonNode> metrics) {
        List<Integer> skipped = new ArrayList<>();
        List<Integer> rolledBack = new ArrayList<>();
        for (JsonNode line : metrics) {
            if (line.path("skipped").asBoolean()) {
                skipped.add(line.path("step").asInt());
            } else if (line.has("rollback")) {
                rolledBack.add(line.path("rollback").path("from").asInt());
            }
        }
        boolean disturbed =
                training.recoveries() > 0 || !skipped.isEmpty() || !rolledBack.isEmpty();
        return new Certificate.Run(
                disturbed,
                training.recoveries(),
                skipped,
                rolledBack,
                Collections.emptySortedMap());
    }
}
