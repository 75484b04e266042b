package io.accrete.protocol.merge;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.file.Files;
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
        long bytes = Files.size(file);
        if (bytes > BYTES_MAX) {
            throw new IOException(
                    "%s: a plan has at most %d bytes, this file has %d"
                            .formatted(file, BYTES_MAX, bytes));
        }
        byte[] json = Files.readAllBytes(file);
        String found = Sha256.hex(json);
        if (!found.equals(sha256)) {
            throw new IOException(
                    "%s: this is not the plan that was made: its SHA-256 is %s, expected %s"
                            .formatted(file, found, sha256));
        }
        MergePlan plan = MAPPER.readValue(json, MergePlan.class);
        if (plan.format() != MergePlan.FORMAT) {
            throw new IOException(
                    "%s: plan format %d, this program reads %d"
                            .formatted(file, plan.format(), MergePlan.FORMAT));
        }
        return plan;
    }
}
