package io.accrete.protocol.train;

import com.fasterxml.jackson.core.JsonProcessingException;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Which weights an export publishes.
 *
 * @param training absolute path of the folder that the training publishes
 * @param step one that has a checkpoint; the latest if empty
 */
public record ExportOrder(String training, OptionalInt step) {

    /**
     * @throws IllegalArgumentException if the text is none that {@link #text} makes
     */
    public static ExportOrder of(String text) {
        try {
            return TrainingFile.MAPPER.readValue(text, ExportOrder.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not an order of an export: " + text, e);
        }
    }

    public String text() {
        return new String(TrainingFile.bytes(this), StandardCharsets.UTF_8);
    }
}
