package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Valid here is what is valid for the reference implementation, but for the listed exceptions. */
class ReferenceAgreementTest {

    private static final int FILES = 20_000;

    /**
     * Where this reader is the stricter one: the format forbids duplicate keys, which the reference
     * lets pass; it describes tensors as objects, and the reference takes lists as well; and here
     * sizes are signed and bounded.
     */
    private static final Set<Fault> STRICTER =
            Set.of(Fault.DUPLICATE_KEY, Fault.BEYOND_LIMIT, Fault.SIZE_OVERFLOW);

    @TempDir Path folder;

    @Test
    void agreesOnMutatedHeaders() throws IOException, InterruptedException {
        String python = System.getenv("ACCRETE_SAFETENSORS_PYTHON");
        assumeTrue(
                python != null,
                "ACCRETE_SAFETENSORS_PYTHON names no Python with the package safetensors");
        long seed = Long.getLong("accrete.fuzz.seed", System.nanoTime());
        HeaderMutation mutation = new HeaderMutation(seed);
        List<byte[]> files = new ArrayList<>();
        Path batch = folder.resolve("batch");
        try (OutputStream out = Files.newOutputStream(batch)) {
            for (int i = 0; i < FILES; i++) {
                byte[] file = mutation.next();
                files.add(file);
                ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                out.write(length.putInt(file.length).array());
                out.write(file);
            }
        }

        List<String> verdicts = reference(python, batch);

        assertThat(verdicts).hasSize(FILES);
        int valid = 0;
        for (int i = 0; i < FILES; i++) {
            byte[] file = files.get(i);
            boolean taken = verdicts.get(i).equals("ok");
            valid += taken ? 1 : 0;
            String context =
                    "seed %d, file %d, reference: %s, header: %s"
                            .formatted(
                                    seed,
                                    i,
                                    verdicts.get(i),
                                    new String(file, StandardCharsets.UTF_8));
            try {
                SafetensorsHeader.validate(file, file.length);
                assertThat(taken).as(context).isTrue();
            } catch (SafetensorsException e) {
                boolean stricter =
                        STRICTER.contains(e.fault()) || e.sentence().contains(" is a list, not ");
                assertThat(taken && !stricter).as("%s, here: %s", context, e.sentence()).isFalse();
            }
        }
        System.out.printf("reference: %,d files from seed %d, %,d valid%n", FILES, seed, valid);
    }

    private List<String> reference(String python, Path batch)
            throws IOException, InterruptedException {
        Path script = folder.resolve("reference_verdicts.py");
        try (InputStream source =
                Objects.requireNonNull(getClass().getResourceAsStream("reference_verdicts.py"))) {
            Files.copy(source, script);
        }
        Path answer = folder.resolve("answer");
        Process process =
                new ProcessBuilder(python, script.toString(), batch.toString())
                        .redirectOutput(answer.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readAllLines(answer);
    }
}
