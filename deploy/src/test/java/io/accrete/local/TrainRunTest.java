package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.finetune.TrainPlanning.Prepared;
import io.accrete.coordinator.train.DeviceModel;
import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.store.ModelLocator;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a training promises: the same bytes, whatever the cut, and whatever happened on the way. */
class TrainRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;

    @BeforeEach
    void writeText() throws IOException {
        Material.data();
        String text = "Once upon a time there was a little dog. It liked to play in the sun.\n";
        Files.writeString(scratch.resolve("text.txt"), text.repeat(40));
    }

    @Test
    void bitsDoNotDependOnStagesSchedulesOrRecomputation() throws Exception {
        Map<String, String> one = trained("one", "{stages: 1}");
        assertThat(trained("two", "{stages: 2, activations: recompute}")).isEqualTo(one);
        assertThat(trained("three", "{stages: 3, schedule: gpipe}")).isEqualTo(one);
        assertThat(trained("five", "{stages: 5}")).isEqualTo(one);
        assertThat(trained("woven", "{stages: 2, schedule: interleaved, slices_per_stage: 2}"))
                .isEqualTo(one);
    }

    @Test
    void goingOnFromACheckpointChangesNoBit() throws Exception {
        Map<String, String> undisturbed = trained("undisturbed", "{stages: 2}");
        List<String> metrics = figures(scratch.resolve("undisturbed"));
        Path out = scratch.resolve("disturbed");
        for (int step : new int[] {2, 5, 7}) {
            assertThatThrownBy(() -> run(out, "{stages: 2}", new Listener(step)))
                    .hasMessage("power cut in step " + step);
            assertThat(out).doesNotExist();
        }
        TrainRun.Outcome outcome = run(out, "{stages: 2}", new Listener(0));
        assertThat(outcome).isInstanceOf(TrainRun.Outcome.Published.class);
        assertThat(weights(out)).isEqualTo(undisturbed);
        assertThat(figures(out)).isEqualTo(metrics);
    }

    @Test
    void aDamagedCheckpointIsPassedOver() throws Exception {
        Map<String, String> undisturbed = trained("undisturbed", "{stages: 1}");
        Path out = scratch.resolve("disturbed");
        assertThatThrownBy(() -> run(out, "{stages: 1}", new Listener(7)))
                .isInstanceOf(IllegalStateException.class);
        Path part =
                scratch.resolve(".disturbed.accrete/checkpoints/step-000000006")
                        .resolve("stage-00000.safetensors");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length / 2] ^= 1;
        Files.write(part, bytes);
        Listener listener = new Listener(0);
        run(out, "{stages: 1}", listener);
        assertThat(listener.notes).anyMatch(note -> note.contains("other bytes than were written"));
        assertThat(listener.resumedAt).isEqualTo(3);
        assertThat(weights(out)).isEqualTo(undisturbed);
    }

    private Map<String, String> trained(String name, String pipeline) throws Exception {
        Path out = scratch.resolve(name);
        TrainRun.Outcome outcome = run(out, pipeline, new Listener(0));
        assertThat(outcome).isInstanceOf(TrainRun.Outcome.Published.class);
        return weights(out);
    }

    private TrainRun.Outcome run(Path out, String pipeline, Listener listener) throws Exception {
        Prepared prepared =
                TrainPlanning.prepare(
                        "job.yml",
                        """
                        model: %s
                        sites: [0, 1, 2, 1, 2, 3, 4]
                        clones: {tie: true, learning_rate: 1/k}
                        data: {train: [text.txt], validation: [text.txt], sequence_length: 33}
                        batch: {micro_batch: 2, accumulate: 3}
                        optimizer: {learning_rate: 0.001, warmup_steps: 2}
                        steps: 8
                        checkpoint: {every: 3, keep: 2}
                        monitor: {validate_every: 4}
                        pipeline: %s
                        """
                                .formatted(
                                        Material.data().resolve("models/stories260k-hf"), pipeline),
                        new ModelLocator(scratch, List.of(), scratch),
                        Collections.nCopies(5, new DeviceModel(1L << 30, 1e9)));
        assertThat(prepared.problems()).isEmpty();
        try (StopSignal stop = StopSignal.listen(sentence -> {})) {
            return TrainRun.run(prepared.training().orElseThrow(), out, listener, stop, "test");
        }
    }

    private static Map<String, String> weights(Path folder) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Weights.read(folder).tensors().forEach((name, t) -> digests.put(name, t.sha256()));
        return digests;
    }

    /** The metrics without the times. */
    private static List<String> figures(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            ObjectNode figures = (ObjectNode) JSON.readTree(line);
            lines.add(figures.without(List.of("seconds", "tokens_per_second")).toString());
        }
        return lines;
    }

    /** Ends the run in a step, as a power cut would, if the step is not 0. */
    private static final class Listener implements TrainListener {
        private final int cut;
        private final List<String> notes = new ArrayList<>();
        private int resumedAt;

        Listener(int cut) {
            this.cut = cut;
        }

        @Override
        public void begun(
                String model, long parameters, long trained, int stages, int steps, int resumed) {
            resumedAt = resumed;
        }

        @Override
        public void figures(Map<String, ?> line) {
            if (cut > 0 && Integer.valueOf(cut).equals(line.get("step"))) {
                throw new IllegalStateException("power cut in step " + cut);
            }
        }

        @Override
        public void note(String sentence) {
            notes.add(sentence);
        }
    }
}
