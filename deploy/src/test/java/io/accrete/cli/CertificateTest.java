package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a training answers for is checked, and nothing that was changed afterwards passes. */
class CertificateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;

    @BeforeEach
    void train() throws IOException {
        StoryTexts.write(scratch);
        Files.writeString(
                scratch.resolve("job.yml"),
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: identity}
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.001, warmup_steps: 1}
                steps: 3
                """
                        .formatted(Material.data().resolve("models/stories260k-hf")));
        CommandLineRun run = CommandLineRun.in(scratch, "train", "job.yml", "out");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
    }

    private CommandLineRun verify(String... more) {
        return CommandLineRun.in(scratch, List.of("verify", "out", "--json"), more);
    }

    private JsonNode certificate() throws IOException {
        return JSON.readTree(scratch.resolve("out/certificate.json").toFile());
    }

    @Test
    void itSaysFromWhatWasMadeWhat() throws Exception {
        JsonNode certificate = certificate();
        Map<String, String> digests = new TreeMap<>();
        Weights.read(scratch.resolve("out"))
                .tensors()
                .forEach((name, tensor) -> digests.put(name, tensor.sha256()));
        StringBuilder lines = new StringBuilder();
        digests.forEach((name, digest) -> lines.append(name + " " + digest + "\n"));
        assertThat(certificate.path("result").path("tensors").asInt()).isEqualTo(digests.size());
        assertThat(certificate.path("result").path("tensors_sha256").asText())
                .isEqualTo(sha256(lines.toString().getBytes(StandardCharsets.UTF_8)));
        assertThat(certificate.path("inputs").path("train").path(0).path("sha256").asText())
                .isEqualTo(sha256(Files.readAllBytes(scratch.resolve("text.txt"))));
        assertThat(certificate.path("settings").path("steps").asInt()).isEqualTo(3);
        assertThat(certificate.path("sites")).hasSize(7);
        assertThat(certificate.path("sites").path(3).path("occurrence").asInt()).isEqualTo(1);
        assertThat(certificate.path("numeric_class").asText()).startsWith("libtorch-2.7.1");
        assertThat(certificate.path("run").path("disturbed").asBoolean()).isFalse();
    }

    /** Clones that are silent at first leave the loss as it was. */
    @Test
    void itSaysWhatTheUntouchedBaseLoses() throws IOException {
        JsonNode metrics = certificate().path("metrics");
        assertThat(metrics.path("validation_base").isNumber()).isTrue();
        assertThat(metrics.path("validation_base").asDouble())
                .isCloseTo(metrics.path("validation_before").asDouble(), within(1e-6))
                .isNotCloseTo(metrics.path("validation_after").asDouble(), within(1e-4));
    }

    /**
     * As they were first: without a seal, the loss of the base and digests of what stands beside
     * them.
     */
    @Test
    void oneOfTheFirstFormatStaysGood() throws Exception {
        Path file = scratch.resolve("out/certificate.json");
        String own = Files.readString(file);
        String undisturbed =
                own.replaceFirst(",\\s*\"files\" : \\{[^}]*\\}", "")
                        .replaceFirst(",\\s*\"seal\" : \"[0-9a-f]{64}\"", "");
        String old =
                undisturbed
                        .replaceFirst("\\s*\"validation_base\" : [^,]+,", "")
                        .replaceFirst("\"format\" : 2", "\"format\" : 1");
        Files.writeString(file, old);
        Path lineage = scratch.resolve("out/accrete.json");
        Files.writeString(
                lineage,
                Files.readString(lineage)
                        .replace(
                                sha256(undisturbed.getBytes(StandardCharsets.UTF_8)),
                                sha256(old.getBytes(StandardCharsets.UTF_8))));
        CommandLineRun run = verify("--rerun");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        Files.writeString(file, own);
        assertThat(verify().err()).contains("is not the one that was published");
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void itAgreesWithTheResultAndItsLossIsMeasuredAgain() throws IOException {
        CommandLineRun run = verify("--rerun");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        JsonNode check = run.result().path("certificate");
        assertThat(check.path("inputs"))
                .hasSize(3)
                .allMatch(i -> i.path("state").asText().equals("same"));
        assertThat(check.path("evaluation").path("loss").asDouble())
                .isCloseTo(
                        certificate().path("metrics").path("validation_after").asDouble(),
                        within(1e-5));
    }

    @Test
    void whatWasEditedAfterwardsIsFound() throws IOException {
        Path file = scratch.resolve("out/certificate.json");
        String whole = Files.readString(file);
        for (String[] edit :
                new String[][] {
                    {"metrics", "validation_after"},
                    {"metrics", "tokens"},
                    {"metrics", "validation_base"},
                    {"result", "tensors_sha256"},
                }) {
            ObjectNode json = (ObjectNode) JSON.readTree(whole);
            ((ObjectNode) json.path(edit[0])).put(edit[1], 1);
            JSON.writeValue(file.toFile(), json);
            CommandLineRun run = verify();
            assertThat(run.exitCode()).as(edit[1]).isEqualTo(1);
            assertThat(run.err()).contains("[FMT-208]");
        }
        for (String edit : List.of("seed", "program", "numeric_class")) {
            ObjectNode json = (ObjectNode) JSON.readTree(whole);
            JSON.writeValue(file.toFile(), json.put(edit, 99));
            CommandLineRun run = verify();
            assertThat(run.exitCode()).as(edit).isEqualTo(1);
            assertThat(run.err()).contains("[FMT-208]", "is not the one that was published");
        }
        Files.writeString(file, whole.replace("text.txt", "te\\u0000xt.txt"));
        assertThat(verify().err()).contains("[FMT-208]").doesNotContain("Exception");
        Files.writeString(file, "{}");
        assertThat(verify().exitCode()).isEqualTo(3);
        Files.writeString(file, whole);
        Files.writeString(scratch.resolve("out/metrics.jsonl"), "{broken");
        assertThat(verify().err()).contains("[FMT-208]", "line 1 of metrics.jsonl is no JSON");
    }

    /** Each file of the folder, edited so that it stays well-formed. */
    @Test
    void noFileOfTheFolderIsEditedUnseen() throws IOException {
        String[][] edits = {
            {"report.html", "untouched base", "base"},
            {"report.html", "</body>", "<p>better</p></body>"},
            {"examination.json", "\"tokens\"", "\"token\""},
            {"config.json", "1e-05", "1e-04"},
            {"tokenizer.json", "\"version\"", "\"Version\""},
            {"metrics.jsonl", "\"grad_norm\":", "\"grad_norm\":1"},
            {"accrete.json", "\"copies\" : 2", "\"copies\" : 1"},
            {"accrete.json", "\"seed\" : 7", "\"seed\" : 8"},
            {"accrete.json", "\"published_step\" : 3", "\"published_step\" : 2"},
            {"certificate.json", "\"disturbed\" : false", "\"disturbed\" : true"},
            {"certificate.json", "\"recoveries\" : 0", "\"recoveries\" : 1"},
            {"certificate.json", "\"skipped\" : \\[ \\]", "\"skipped\" : [ 2 ]"},
            {"certificate.json", "\"examination.json\" : \"[0-9a-f]{64}\",", ""},
        };
        assertThat(verify().exitCode()).isZero();
        for (String[] edit : edits) {
            Path file = scratch.resolve("out").resolve(edit[0]);
            String whole = Files.readString(file);
            String edited = whole.replaceAll(edit[1], edit[2]);
            assertThat(edited).as(edit[0]).isNotEqualTo(whole);
            Files.writeString(file, edited);
            CommandLineRun run = verify();
            assertThat(run.exitCode()).as(String.join(" ", edit)).isEqualTo(1);
            assertThat(run.err()).as(String.join(" ", edit)).containsPattern("\\[FMT-2(08|10)\\]");
            Files.writeString(file, whole);
        }
        assertThat(verify().exitCode()).isZero();
        for (String name :
                List.of("report.html", "examination.json", "config.json", "certificate.json")) {
            Path file = scratch.resolve("out").resolve(name);
            byte[] whole = Files.readAllBytes(file);
            Files.delete(file);
            assertThat(verify().exitCode()).as("without " + name).isNotZero();
            Files.write(file, whole);
        }
    }

    @Test
    void anotherModelUnderTheSameNamesHasAnotherLoss() throws IOException {
        Path base = Material.data().resolve("models/stories260k-hf");
        // The certificate of the grown model beside the weights of its base.
        Path impostor = Files.createDirectories(scratch.resolve("impostor"));
        for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Files.copy(base.resolve(name), impostor.resolve(name));
        }
        for (String name : new String[] {"certificate.json", "metrics.jsonl"}) {
            Files.copy(scratch.resolve("out").resolve(name), impostor.resolve(name));
        }
        CommandLineRun run = CommandLineRun.in(scratch, "verify", "impostor", "--rerun");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("there is no accrete.json beside it", "on the validation files, and the");
    }

    @Test
    void textsThatHaveChangedAreSaidAndStandInTheWayOfMeasuring() throws IOException {
        Files.writeString(scratch.resolve("text.txt"), "other");
        Files.delete(scratch.resolve("held.txt"));
        CommandLineRun plain = CommandLineRun.in(scratch, "verify", "out");
        assertThat(plain.exitCode()).as(plain.transcript()).isZero();
        assertThat(plain.out()).contains("text.txt, which is changed", "held.txt, which is gone");
        CommandLineRun again = CommandLineRun.in(scratch, "verify", "out", "--rerun");
        assertThat(again.exitCode()).isEqualTo(3);
        assertThat(again.err()).contains("[FMT-209]", "held.txt is gone");
    }
}
