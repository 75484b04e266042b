package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.store.Sha256;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a training answers for: from what it made which model, how, and what came of it. It stands
 * beside the result.
 *
 * @param format of this file
 * @param program what wrote it, with its version
 * @param numericClass of the stages: within it the same job gives the same bits
 * @param job digest of all that decides the result, as in {@code accrete.json}
 * @param settings with every default
 * @param sites lineage of every layer
 * @param seal SHA-256 of the JSON of all other parts; null before it is sealed, and of format 1
 */
public record Certificate(
        int format,
        String program,
        String java,
        String numericClass,
        String job,
        long seed,
        JsonNode settings,
        List<Site> sites,
        Inputs inputs,
        Result result,
        Metrics metrics,
        Run run,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String seal) {
    public static final String NAME = "certificate.json";

    /** What this program writes. It reads format 1 too, which has no seal. */
    public static final int FORMAT = 2;

    private static final int FIRST_SEALED = 2;

    /** Far above that of any model. */
    public static final long BYTES_MAX = 64L << 20;

    private static final String METRICS = "metrics";
    private static final String BASE = "validation_base";
    private static final String RUN = "run";
    private static final String FILES = "files";
    private static final String SEAL = "seal";

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();

    public Certificate {
        sites = List.copyOf(sites);
    }

    /**
     * What was read.
     *
     * @param weights files of the model, of a teacher and of an adapter
     * @param train texts in the order of the job
     * @param validation texts in the order of the job
     */
    public record Inputs(List<WeightFile> weights, List<Text> train, List<Text> validation) {
        public Inputs {
            weights = List.copyOf(weights);
            train = List.copyOf(train);
            validation = List.copyOf(validation);
        }
    }

    /**
     * A file with weights, known by what notices that it was replaced or edited.
     *
     * @param headerSha256 of the safetensors header
     */
    public record WeightFile(String path, long bytes, long modifiedNanos, String headerSha256) {}

    /**
     * A file of texts or rows.
     *
     * @param sha256 of all its bytes
     */
    public record Text(String path, long bytes, String sha256) {}

    /**
     * @param tensorsSha256 see {@link #digest}
     */
    public record Result(int tensors, String tensorsSha256) {}

    /**
     * @param tokens scored in all steps
     * @param loss of the last step
     * @param validationBase of the untouched base, mean in nats; left out where it was not
     *     measured, and by older certificates
     * @param validationBefore the first step, mean in nats; null without validation files
     * @param validationAfter the step of the published weights; null where it was not measured
     * @param window ids of a text that were scored together
     * @param publishedStep after which the weights are published
     * @param baselineAfter the same steps, of the untouched base: the fair bar; null where none was
     *     trained
     */
    public record Metrics(
            int steps,
            long tokens,
            @Nullable Double loss,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double validationBase,
            @Nullable Double validationBefore,
            @Nullable Double validationAfter,
            int window,
            int publishedStep,
            @Nullable Double baselineAfter) {}

    /**
     * What happened on the way.
     *
     * @param disturbed whether any of the following did
     * @param recoveries how often the training went on from a checkpoint, or under another
     *     coordinator
     * @param skipped steps whose gradients were dropped
     * @param rolledBack steps that the guard went back from
     * @param files SHA-256 of what stands beside the result and has times in it; left out by older
     *     certificates
     */
    public record Run(
            boolean disturbed,
            int recoveries,
            List<Integer> skipped,
            List<Integer> rolledBack,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) SortedMap<String, String> files) {
        /** Nothing happened, and nothing stands beside the result. */
        private static final Run NONE =
                new Run(false, 0, List.of(), List.of(), Collections.emptySortedMap());

        public Run {
            skipped = List.copyOf(skipped);
            rolledBack = List.copyOf(rolledBack);
            files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        }
    }

    /**
     * One digest of all tensors: of lines {@code name sha256} in the order of the names.
     *
     * @param tensors SHA-256 of the values of each, in hex
     */
    public static String digest(SortedMap<String, String> tensors) {
        MessageDigest digest = Sha256.begin();
        tensors.forEach(
                (name, sha256) ->
                        digest.update(
                                (name + " " + sha256 + "\n").getBytes(StandardCharsets.UTF_8)));
        return Sha256.hex(digest);
    }

    /**
     * One digest of all that is the same whenever the same job is run: without {@link Run} and the
     * seal. It stands in {@code accrete.json}.
     */
    public String digest() {
        return Sha256.hex(with(Run.NONE, null).json());
    }

    /** This certificate of a run beside whose result these files stand, with its seal. */
    public Certificate sealed(SortedMap<String, String> files) {
        Run own =
                new Run(run.disturbed(), run.recoveries(), run.skipped(), run.rolledBack(), files);
        Certificate unsealed = with(own, null);
        return with(own, Sha256.hex(unsealed.json()));
    }

    /** Whether nothing was edited since it was sealed; so of format 1, where it cannot be known. */
    public boolean sealHolds() {
        return format < FIRST_SEALED || Sha256.hex(with(run, null).json()).equals(seal);
    }

    private Certificate with(Run other, @Nullable String ownSeal) {
        return new Certificate(
                format,
                program,
                java,
                numericClass,
                job,
                seed,
                settings,
                sites,
                inputs,
                result,
                metrics,
                other,
                ownSeal);
    }

    /** The settings of a job as they stand here. */
    public static JsonNode settings(TrainJob job) {
        return JSON.valueToTree(job);
    }

    public byte[] json() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record without JSON", e);
        }
    }

    /**
     * @throws IllegalArgumentException if it cannot be understood; the message says why
     */
    public static Certificate of(byte[] json) {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree.path(METRICS) instanceof ObjectNode metrics && !metrics.has(BASE)) {
                metrics.putNull(BASE);
            }
            if (tree.path(RUN) instanceof ObjectNode run && !run.has(FILES)) {
                run.putObject(FILES);
            }
            if (tree instanceof ObjectNode all && !all.has(SEAL)) {
                all.putNull(SEAL);
            }
            Certificate read = JSON.treeToValue(tree, Certificate.class);
            if (read == null || read.format() < 1 || read.format() > FORMAT) {
                throw new IllegalArgumentException(
                        "is no certificate of format 1 to %d".formatted(FORMAT));
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is no certificate: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("is no certificate: " + e.getMessage(), e);
        }
    }
}
