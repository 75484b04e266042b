package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.PlannedTraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The fine-tuned base that stands beside a result, if it read the same text in the same way. */
final class FinishedBaseline {
    /** What has to be the same, so that both may be compared. */
    private static final List<String> SAME = List.of("data", "batch", "optimizer", "seed");

    private FinishedBaseline() {}

    /**
     * Its validation loss after the last step.
     *
     * @param result folder that is to be published
     * @param inputs of the training that is compared with it
     */
    static Optional<Double> loss(Path result, PlannedTraining planned, Certificate.Inputs inputs)
            throws IOException {
        Path file = BaselineSpec.output(result).resolve(Certificate.NAME);
        if (!Files.isRegularFile(file) || Files.size(file) > Certificate.BYTES_MAX) {
            return Optional.empty();
        }
        Certificate base;
        try {
            base = Certificate.of(Files.readAllBytes(file));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
        JsonNode own = Certificate.settings(planned.job());
        boolean same =
                SAME.stream().allMatch(key -> isSame(own.path(key), base.settings().path(key)))
                        && base.settings().path("steps").asInt() == planned.steps()
                        && texts(inputs).equals(texts(base.inputs()))
                        && inputs.weights().containsAll(base.inputs().weights())
                        && base.sites().stream().allMatch(site -> site.occurrence() == 0);
        return same ? Optional.ofNullable(base.metrics().validationAfter()) : Optional.empty();
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
