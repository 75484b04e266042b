package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.drive.Staging;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.PlannedTraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The fine-tuned base that stands beside a result, if it read the same text in the same way. */
public final class FinishedBaseline {
    /** What has to be the same, so that both may be compared. */
    private static final List<String> SAME = List.of("data", "batch", "optimizer", "seed");

    private FinishedBaseline() {}

    /**
     * Its validation loss after the last step.
     *
     * @param result folder that is to be published
     * @param steps that the training took which is compared with it
     * @param inputs of that training
     */
    static Optional<Double> loss(
            Path result, PlannedTraining planned, int steps, Certificate.Inputs inputs)
            throws IOException {
        return certificate(BaselineSpec.output(result))
                .filter(base -> isBar(base, planned, steps, inputs))
                .map(base -> base.metrics().validationAfter());
    }

    /**
     * Of a result that stands there already, what came of its base.
     *
     * @return empty where it was not judged by one
     */
    public static Optional<TrainSummary> of(Path result) throws IOException {
        Optional<Double> bar = certificate(result).map(own -> own.metrics().baselineAfter());
        Path base = BaselineSpec.output(result);
        return bar.isPresent() && Files.exists(base.resolve(LineageFile.NAME))
                ? Optional.of(PublishedTraining.summary(Staging.of(base)))
                : Optional.empty();
    }

    private static Optional<Certificate> certificate(Path folder) throws IOException {
        Path file = folder.resolve(Certificate.NAME);
        if (!Files.isRegularFile(file) || Files.size(file) > Certificate.BYTES_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.of(Certificate.of(Files.readAllBytes(file)));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean isBar(
            Certificate base, PlannedTraining planned, int steps, Certificate.Inputs inputs) {
        JsonNode own = Certificate.settings(planned.job());
        return SAME.stream().allMatch(key -> isSame(own.path(key), base.settings().path(key)))
                && base.settings().path("steps").asInt() == steps
                && texts(inputs).equals(texts(base.inputs()))
                && inputs.weights().containsAll(base.inputs().weights())
                && base.sites().stream().allMatch(site -> site.occurrence() == 0);
    }

    /** By what is written, which knows no kinds of numbers. */
    private static boolean isSame(JsonNode one, JsonNode other) {
        return one.toString().equals(other.toString());
    }

    private static List<String> texts(Certificate.Inputs inputs) {
        return Stream.concat(inputs.train().stream(), inputs.validation().stream())
                .map(Certificate.Text::sha256)
                .toList();
    }
}
