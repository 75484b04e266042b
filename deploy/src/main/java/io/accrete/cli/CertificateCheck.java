package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.Certificate;
import io.accrete.worker.data.EvaluationRows;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.inference.Evaluation;
import io.accrete.worker.inference.LoadedModel;
import io.accrete.worker.tensor.ComputeDevice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Holds the certificate of a training against what it speaks of. */
final class CertificateCheck {
    private static final String METRICS = "metrics.jsonl";
    private static final String FAULT = "FMT-208";
    private static final String SAME = "same";
    private static final String CHANGED = "changed";
    private static final String GONE = "gone";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Batches are others than in the training, and so is the order of sums. */
    private static final double TOLERANCE = 1e-5;

    /** The loss was measured before weights were rounded to 16 bits. */
    private static final double ROUNDED_TOLERANCE = 0.02;

    private final Path folder;
    private final Certificate certificate;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Input> inputs = new ArrayList<>();
    private @Nullable Repeated repeated;

    /** What became of a file that the training read. */
    record Input(String path, String state) {}

    /** An evaluation that was done again. */
    record Repeated(double loss, double certified, double tolerance) {}

    private CertificateCheck(Path folder, Certificate certificate) {
        this.folder = folder;
        this.certificate = certificate;
    }

    /** Empty for a folder without certificate; one that cannot be read is a problem. */
    static Optional<CertificateCheck> of(Path folder) throws IOException, Refusal {
        Path file = folder.resolve(Certificate.NAME);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > Certificate.BYTES_MAX) {
                throw new IllegalArgumentException(
                        "has %,d bytes; at most %,d are read"
                                .formatted(Files.size(file), Certificate.BYTES_MAX));
            }
            Certificate read = Certificate.of(Files.readAllBytes(file));
            return Optional.of(new CertificateCheck(folder, read));
        } catch (IllegalArgumentException e) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    FAULT,
                    file.toString(),
                    String.valueOf(e.getMessage()),
                    "a file of this folder was edited or cut short: copy the folder again");
        }
    }

    List<Problem> problems() {
        return problems;
    }

    List<Input> inputs() {
        return inputs;
    }

    Optional<Repeated> repeated() {
        return Optional.ofNullable(repeated);
    }

    /** What stands against a folder whose lineage speaks of a certificate that is not there. */
    static Optional<Problem> missing(Path folder, Optional<Receipts> receipts) {
        return receipts.filter(own -> own.certificateSha256() != null)
                .map(
                        _ ->
                                Problem.error(
                                        FAULT,
                                        folder.resolve(Certificate.NAME).toString(),
                                        "is not there, and accrete.json says that it was published",
                                        "copy the folder again"));
    }

    /** Whether it speaks of this result and of these metrics; looks what became of the inputs. */
    void compare(Optional<Receipts> receipts) throws IOException {
        if (!certificate.sealHolds()) {
            fault("was edited: its seal is of other contents");
        }
        if (receipts.isEmpty()) {
            fault("speaks of a training, and there is no accrete.json beside it");
        } else {
            SortedMap<String, String> tensors = new TreeMap<>();
            receipts.get().shards().stream()
                    .flatMap(shard -> shard.tensors().stream())
                    .forEach(t -> tensors.put(t.name(), String.valueOf(t.sha256())));
            if (!certificate.job().equals(receipts.get().job())) {
                fault("is of job %s, and accrete.json of another".formatted(certificate.job()));
            } else if (!Certificate.digest(tensors).equals(certificate.result().tensorsSha256())) {
                fault("is of other tensors than accrete.json lists");
            }
            String digest = receipts.get().certificateSha256();
            if (digest != null && !digest.equals(certificate.digest())) {
                fault("is not the one that was published: accrete.json has another digest of it");
            }
            lineage(receipts.get());
        }
        metrics();
        for (Map.Entry<String, String> file : certificate.run().files().entrySet()) {
            if (!isDigest(file.getValue(), Verification.beside(folder, file.getKey()))) {
                fault("speaks of another " + file.getKey() + " than stands beside it");
            }
        }
        for (Certificate.WeightFile file : certificate.inputs().weights()) {
            inputs.add(new Input(file.path(), state(file)));
        }
        for (Certificate.Text text : certificate.inputs().train()) {
            inputs.add(new Input(text.path(), state(text)));
        }
        for (Certificate.Text text : certificate.inputs().validation()) {
            inputs.add(new Input(text.path(), state(text)));
        }
    }

    /** What both say of the training is the same. */
    private void lineage(Receipts receipts) throws IOException {
        JsonNode own = JSON.readTree(certificate.json());
        Certificate.Metrics metrics = certificate.metrics();
        JsonNode result = receipts.result();
        if (isOther(receipts.sites(), own.path("sites"))) {
            fault("says where layers come from, and accrete.json says otherwise");
        }
        if (isOther(receipts.settings(), own.path("settings"))) {
            fault("has the settings of the job, and accrete.json has others");
        }
        Integer step = receipts.publishedStep();
        boolean sameStep = step == null || step == metrics.publishedStep();
        boolean sameResult =
                result == null
                        || result.path("step").asInt() == metrics.steps()
                                && result.path("tokens").asLong() == metrics.tokens();
        if (!sameStep || !sameResult) {
            fault("says what was published after which steps, and accrete.json says otherwise");
        }
    }

    /** By what is written, which knows no kinds of numbers. */
    private static boolean isOther(@Nullable JsonNode found, JsonNode own) {
        return found != null && !found.toString().equals(own.toString());
    }

    private static boolean isDigest(String sha256, Optional<Path> file) throws IOException {
        return file.isPresent() && Sha256.hex(file.get()).equals(sha256);
    }

    private void metrics() throws IOException {
        Path file = folder.resolve(METRICS);
        if (!Files.isRegularFile(file)) {
            fault("speaks of metrics, and there is no " + METRICS);
            return;
        }
        SortedMap<Integer, Double> validations = new TreeMap<>();
        int steps = 0;
        long tokens = 0;
        @Nullable Double loss = null;
        List<Integer> skipped = new ArrayList<>();
        List<Integer> rolledBack = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line;
            try {
                line = JSON.readTree(lines.get(i));
            } catch (JsonProcessingException e) {
                fault("speaks of metrics, and line %d of %s is no JSON".formatted(i + 1, METRICS));
                return;
            }
            if (line.has("validation")) {
                validations.put(
                        line.path("step").asInt(),
                        line.path("validation").path("loss").asDouble(Double.NaN));
            } else if (line.has("rollback")) {
                rolledBack.add(line.path("rollback").path("from").asInt());
            } else if (line.has("loss")) {
                steps = line.path("step").asInt();
                tokens += line.path("tokens").asLong();
                loss = line.path("loss").isNumber() ? line.path("loss").doubleValue() : null;
                if (line.path("skipped").asBoolean()) {
                    skipped.add(steps);
                }
            }
        }
        Certificate.Metrics said = certificate.metrics();
        compare("steps", said.steps(), steps);
        compare("scored tokens", said.tokens(), tokens);
        if (!validations.isEmpty()) {
            compare(
                    "loss before",
                    said.validationBefore(),
                    validations.sequencedValues().getFirst());
        }
        Double after = validations.get(said.publishedStep());
        if (after != null || said.validationAfter() != null) {
            compare("loss after", said.validationAfter(), after == null ? Double.NaN : after);
        }
        if (!Objects.equals(said.loss(), loss)) {
            fault("says training loss %s, and %s says %s".formatted(said.loss(), METRICS, loss));
        }
        disturbances(skipped, rolledBack);
    }

    /** What happened on the way, as far as metrics tell. */
    private void disturbances(List<Integer> skipped, List<Integer> rolledBack) {
        Certificate.Run run = certificate.run();
        if (!run.skipped().equals(skipped) || !run.rolledBack().equals(rolledBack)) {
            fault("says which steps were skipped or undone, and %s says others".formatted(METRICS));
        }
        boolean happened = run.recoveries() > 0 || !skipped.isEmpty() || !rolledBack.isEmpty();
        if (run.disturbed() != happened) {
            fault(
                    "says that the run was %s, and what it lists says otherwise"
                            .formatted(run.disturbed() ? "disturbed" : "not disturbed"));
        }
    }

    private void compare(String what, @Nullable Number said, Number found) {
        if (said == null || said.doubleValue() != found.doubleValue()) {
            fault("says %s %s, and %s says %s".formatted(what, said, METRICS, found));
        }
    }

    private static String state(Certificate.WeightFile file) {
        Optional<Path> path = there(file.path());
        if (path.isEmpty()) {
            return GONE;
        }
        FileIdentity then =
                new FileIdentity(
                        file.path(), file.bytes(), file.modifiedNanos(), file.headerSha256());
        try {
            return then.stillIs(SafetensorsFile.identify(path.get())) ? SAME : CHANGED;
        } catch (IOException e) {
            return CHANGED;
        }
    }

    private static String state(Certificate.Text text) throws IOException {
        Optional<Path> path = there(text.path());
        if (path.isEmpty()) {
            return GONE;
        }
        return Files.size(path.get()) == text.bytes()
                        && Sha256.hex(path.get()).equals(text.sha256())
                ? SAME
                : CHANGED;
    }

    /** A file of that name; none where nothing on this machine can be called so. */
    private static Optional<Path> there(String name) {
        try {
            return Optional.of(Path.of(name)).filter(Files::isRegularFile);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * Measures the loss on the validation files again.
     *
     * @throws Refusal if these are not what they were, or there were none
     */
    void repeat(DType dtype) throws IOException, Refusal {
        Double certified = certificate.metrics().validationAfter();
        if (certified == null) {
            throw cannot(
                    "it has no loss to repeat: the weights were not measured on validation files");
        }
        for (Certificate.Text text : certificate.inputs().validation()) {
            if (!state(text).equals(SAME)) {
                throw cannot("%s is %s".formatted(text.path(), state(text)));
            }
        }
        int threads = Runtime.getRuntime().availableProcessors();
        try (LoadedModel model =
                ModelOptions.open(ModelFolder.open(folder), new ComputeDevice.Cpu(), threads)) {
            List<TokenRow> rows = new ArrayList<>();
            for (Certificate.Text text : certificate.inputs().validation()) {
                rows.addAll(
                        EvaluationRows.of(
                                Path.of(text.path()),
                                model.vocabulary(),
                                certificate.metrics().window()));
            }
            double loss = new Evaluation(model).score(rows, done -> {}).loss();
            double tolerance = dtype == DType.F32 ? TOLERANCE : ROUNDED_TOLERANCE;
            repeated = new Repeated(loss, certified, tolerance);
            if (!(Math.abs(loss - certified) <= tolerance)) {
                fault(
                        String.format(
                                Locale.ROOT,
                                "says loss %.6f on the validation files, and the model has %.6f",
                                certified,
                                loss));
            }
        }
    }

    private Refusal cannot(String why) {
        return Refusal.of(
                ExitCode.INVALID_INPUT,
                "FMT-209",
                folder.resolve(Certificate.NAME).toString(),
                "the evaluation cannot be repeated: " + why,
                "leave out --rerun, or put the files back");
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = JsonLines.object("inputs", inputs);
        if (repeated != null) {
            json.put("evaluation", repeated);
        }
        return json;
    }

    private void fault(String message) {
        problems.add(
                Problem.error(
                        FAULT,
                        folder.resolve(Certificate.NAME).toString(),
                        message,
                        "a file of this folder was edited or exchanged: make the model again, or"
                                + " copy it again"));
    }
}
