package io.accrete.protocol.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.protocol.store.PlanBytes;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * The JSON file of a {@link PlannedTraining}, as stages refer to it: by path and digest.
 *
 * @param json its bytes
 * @param sha256 their digest, in hex
 */
public record TrainingFile(byte[] json, String sha256) {
    /** Far above the plan of any model: 1 kB a tensor, a hundred thousand tensors. */
    private static final long BYTES_MAX = 128L << 20;

    static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    public static TrainingFile of(PlannedTraining planned) {
        byte[] json = bytes(planned);
        return new TrainingFile(json, Sha256.hex(json));
    }

    /**
     * @param sha256 the digest that the file must have, in hex
     * @throws IOException if it cannot be read, is another file, or has another format
     */
    public static PlannedTraining read(Path file, String sha256) throws IOException {
        byte[] json = PlanBytes.read(file, sha256, BYTES_MAX);
        PlannedTraining planned = MAPPER.readValue(json, PlannedTraining.class);
        if (planned.format() != PlannedTraining.FORMAT) {
            throw new IOException(
                    "%s: plan format %d, this program reads %d"
                            .formatted(file, planned.format(), PlannedTraining.FORMAT));
        }
        return planned;
    }

    /** Of values that have JSON, one after the other. */
    static String digest(Object... values) {
        MessageDigest digest = Sha256.begin();
        for (Object value : values) {
            digest.update(bytes(value));
        }
        return Sha256.hex(digest);
    }

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a record without JSON: " + value, e);
        }
    }
}
