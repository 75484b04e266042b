package io.accrete.protocol.merge;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.protocol.store.PlanBytes;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The JSON file of a {@link MergePlan}, as tasks refer to it: by path and digest.
 *
 * @param json its bytes
 * @param sha256 their digest, in hex
 */
public record PlanFile(byte[] json, String sha256) {
    /** Far above the plan of any model (1 kB a tensor, a million tensors). */
    static final long BYTES_MAX = 1L << 30;

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    public static PlanFile of(MergePlan plan) {
        try {
            byte[] json = MAPPER.writeValueAsBytes(plan);
            return new PlanFile(json, Sha256.hex(json));
        } catch (IOException e) {
            throw new IllegalStateException("a plan that has no JSON: " + e.getMessage(), e);
        }
    }

    /**
     * @param sha256 the digest that the file must have, in hex
     * @throws IOException if it cannot be read, is another file, or has another format
     */
    public static MergePlan read(Path file, String sha256) throws IOException {
        byte[] json = PlanBytes.read(file, sha256, BYTES_MAX);
        MergePlan plan = MAPPER.readValue(json, MergePlan.class);
        if (plan.format() != MergePlan.FORMAT) {
            throw new IOException(
                    "%s: plan format %d, this program reads %d"
                            .formatted(file, plan.format(), MergePlan.FORMAT));
        }
        return plan;
    }
}
