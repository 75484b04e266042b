package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.node.TrainingNode;
import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.remote.RemoteJobs.Verb;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What PyTorch holds after the last step: parameters by how far they have moved, moments, and the
 * steps of each tensor. A checkpoint has all of it, so the job has more steps than the expected
 * results, at the same rate, and is paused behind theirs.
 */
class GoldenStateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String PEFT = "base_model.model.";
    private static final int MORE = 5_000;

    @RegisterExtension private final TrainingNode server = new TrainingNode(1);

    @ParameterizedTest
    @ValueSource(strings = {"adamw", "clones-only-identity", "gates-channel", "lora", "grow-5-6-7"})
    void parametersMomentsAndStepsAreThoseOfPyTorch(String name) throws Exception {
        Path golden = Material.goldens().resolve("train").resolve(name);
        JsonNode description = JSON.readTree(golden.resolve("case.json").toFile());
        assertThat(description.path("schedule").path("kind").asText())
                .as("the rate does not depend on the steps")
                .isEqualTo("constant");
        int steps = description.path("batch").path("steps").asInt();
        int first = description.path("rounds").path(0).path("steps").asInt(steps);
        String job = submit(description, golden, steps, first);
        await().atMost(PATIENCE).until(() -> progress(job).checkpoints().contains(steps));
        server.jobs().steer(job, Verb.PAUSE);
        await().atMost(PATIENCE).until(() -> server.jobs().show(job).state() == JobPhase.PAUSED);

        Weights expected = Weights.read(golden.resolve("expected.safetensors"));
        JsonNode trajectory = JSON.readTree(golden.resolve("trajectory.json").toFile());
        Comparison end = new Comparison(description, golden, checkpoint(steps), Integer.MAX_VALUE);
        end.parameters(expected, "param.");
        end.moments(expected);
        end.sums(trajectory.path("final_sums"));
        end.counts(trajectory.path("adam_step"));
        if (first < steps) {
            new Comparison(description, golden, checkpoint(first), 1)
                    .parameters(expected, "round1.param.");
        }
    }

    private String submit(JsonNode description, Path golden, int steps, int first)
            throws Exception {
        Path rows = server.root().resolve("rows.jsonl");
        GoldenTrainTest.writeRows(golden.resolve("data.safetensors"), rows);
        String text =
                GoldenTrainTest.job(description, rows)
                        .replaceFirst("model: .*", "model: base")
                        .replaceFirst("\\nsteps: .*", "\nsteps: " + (steps + MORE));
        if (description.has("rounds")) {
            text +=
                    "grow: {rounds: [{after_site: %s, steps: %d}, {after_site: %s}]}\n"
                            .formatted(
                                    description.path("rounds").path(0).path("insert_after_site"),
                                    first,
                                    description.path("rounds").path(1).path("insert_after_site"));
        }
        if (description.has("lora")) {
            JsonNode lora = description.path("lora");
            Path adapter = Files.createDirectory(server.root().resolve("adapter"));
            Files.copy(
                    golden.resolve("adapter/adapter_config.json"),
                    adapter.resolve("adapter_config.json"));
            GoldenTrainTest.writeInitial(golden.resolve("data.safetensors"), adapter);
            text +=
                    "lora: {rank: %s, alpha: %s, targets: %s, adapter: adapter}\n"
                            .formatted(lora.path("rank"), lora.path("alpha"), lora.path("targets"));
        }
        text += "checkpoint: {every: %d, keep: 1000}\n".formatted(first);
        return server.jobs()
                .submit(new JobDocument(JobKind.TRAIN, null, "job.yml", text, "out", null), "key")
                .id();
    }

    private TrainProgress progress(String job) throws Exception {
        JobResource shown = server.jobs().show(job);
        assertThat(shown.state().isTerminal()).as(shown.reason()).isFalse();
        return shown.training()
                .orElse(new TrainProgress(0, 0, 0, 0, null, null, 0, 0, List.of(), List.of()));
    }

    private Weights checkpoint(int step) throws IOException {
        String name = "step-%09d.".formatted(step);
        try (Stream<Path> all = Files.walk(server.root().resolve(".out.accrete"))) {
            return Weights.read(
                    all.filter(path -> path.getFileName().toString().startsWith(name))
                            .findFirst()
                            .orElseThrow());
        }
    }

    /** A state beside the expected one. */
    private static final class Comparison {
        private final GoldenStart start;
        private final Weights state;
        private final JsonNode tolerance;

        Comparison(JsonNode description, Path golden, Weights state, int rounds)
                throws IOException {
            this.start = new GoldenStart(description, golden, rounds);
            this.state = state;
            this.tolerance = description.path("tolerance");
        }

        private double[] own(String kind, String name) {
            return state.tensor(kind + without(name, PEFT)).values();
        }

        private double tolerated(String what) {
            assertThat(tolerance.has(what)).as(what).isTrue();
            return tolerance.path(what).asDouble();
        }

        void parameters(Weights expected, String kind) {
            double off = 0;
            double moved = 0;
            int compared = 0;
            for (Weights.Tensor tensor : expected.tensors().values()) {
                if (tensor.name().startsWith(kind)) {
                    String name = tensor.name().substring(kind.length());
                    double[] truth = tensor.values();
                    double ownOff = squares(own("param.", name), truth);
                    double ownMoved = squares(truth, start.values(name, truth.length));
                    assertThat(Math.sqrt(ownOff))
                            .as(name)
                            .isLessThanOrEqualTo(
                                    tolerated("update_rel_l2_worst_tensor") * Math.sqrt(ownMoved));
                    off += ownOff;
                    moved += ownMoved;
                    compared++;
                }
            }
            assertThat(compared).isPositive();
            assertThat(moved).isPositive();
            assertThat(Math.sqrt(off / moved)).isLessThanOrEqualTo(tolerated("update_rel_l2"));
        }

        /** Only some of the expected results have them. */
        void moments(Weights expected) {
            for (String kind : List.of("exp_avg", "exp_avg_sq")) {
                for (Weights.Tensor tensor : expected.tensors().values()) {
                    if (tensor.name().startsWith(kind + ".")) {
                        double[] truth = tensor.values();
                        double[] own = own(kind + ".", tensor.name().substring(kind.length() + 1));
                        assertThat(Math.sqrt(squares(own, truth)))
                                .as(tensor.name())
                                .isLessThanOrEqualTo(
                                        tolerated(kind + "_rel_l2_worst_tensor")
                                                * Math.sqrt(
                                                        squares(truth, new double[truth.length])));
                    }
                }
            }
        }

        /** All of them have sums; a square differs by twice what a number does. */
        void sums(JsonNode sums) {
            assertThat(sums.isEmpty()).isFalse();
            for (Map.Entry<String, JsonNode> tensor : sums.properties()) {
                for (String kind : List.of("exp_avg", "exp_avg_sq")) {
                    double truth = tensor.getValue().path(kind).path("sum_of_squares").asDouble();
                    double[] own = own(kind + ".", tensor.getKey());
                    assertThat(Math.abs(squares(own, new double[own.length]) - truth))
                            .as("%s of %s", kind, tensor.getKey())
                            .isLessThanOrEqualTo(
                                    2.5 * tolerated(kind + "_rel_l2_worst_tensor") * truth);
                }
            }
        }

        /** One number, or one for each tensor. */
        void counts(JsonNode counts) {
            for (Weights.Tensor tensor : state.tensors().values()) {
                if (tensor.name().startsWith("step.")) {
                    String name = tensor.name().substring("step.".length());
                    JsonNode own = counts.isNumber() ? counts : counts.path(name);
                    assertThat(tensor.values()[0]).as(name).isEqualTo(own.asDouble(Double.NaN));
                }
            }
        }

        private static double squares(double[] one, double[] other) {
            assertThat(one).hasSameSizeAs(other);
            double sum = 0;
            for (int i = 0; i < one.length; i++) {
                sum += (one[i] - other[i]) * (one[i] - other[i]);
            }
            return sum;
        }
    }

    static String without(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }
}
