package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class TrainPanelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    private static void add(TrainPanel panel, String json) {
        try {
            panel.add(JSON.readTree(json));
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void saysHowFarItIsAndWhatIsLeft() {
        TrainPanel panel = new TrainPanel(8, "stages  2", 0);
        assertThat(panel.lines(0))
                .containsExactly("step 0 of 8  ░░░░░░░░░░░░░░░░░░░░░░░░  0 %", "stages  2");
        add(panel, "{\"step\":0,\"validation\":{\"loss\":3.5}}");
        for (int step = 1; step <= 4; step++) {
            add(
                    panel,
                    "{\"step\":%d,\"loss\":%d,\"tokens_per_second\":1234.5}"
                            .formatted(step, 9 - step));
        }
        add(panel, "{\"step\":4,\"validation\":{\"loss\":3.25}}");
        assertThat(panel.lines(8_000_000_000L))
                .containsExactly(
                        "step 4 of 8  ████████████░░░░░░░░░░░░  50 %  1,235 tokens/s  8 s left",
                        "loss 5.0000  █▆▃▁",
                        "validation loss 3.2500 after step 4, 3.5000 at first",
                        "stages  2");
    }

    @Test
    void saysHowBusyTheStagesWere() {
        TrainPanel panel = new TrainPanel(8, "stages  2", 0);
        add(
                panel,
                """
                {"step": 1, "loss": 1, "bubble": 0.125, "bubble_of_even_stages": 0.1, "stages": [
                  {"forward_seconds": 1, "backward_seconds": 2, "waiting_seconds": 1,
                   "resident_bytes": 500000000},
                  {"forward_seconds": 2, "backward_seconds": 2, "waiting_seconds": 0,
                   "resident_bytes": 500000000}]}
                """);
        assertThat(panel.lines(1).getLast())
                .isEqualTo(
                        "busy    0: 75 %, 500 MB  1: 100 %, 500 MB  bubble 12.5 % (even stages"
                                + " 10.0 %)");
    }

    @Test
    void whatAnEarlierRunDidSaysNothingAboutTheTime() {
        TrainPanel panel = new TrainPanel(100, "stages  1", 0);
        panel.resumed(50);
        add(panel, "{\"step\":51,\"loss\":1,\"tokens_per_second\":1}");
        assertThat(panel.lines(2_000_000_000L).getFirst())
                .contains("51 %")
                .contains("1 min 38 s left");
    }

    /** A straight line is one, however many steps it has; what is not finite is not on it. */
    @Test
    void theCurveKeepsItsShapeInBoundedMemory() {
        for (int steps : new int[] {8, 4096, 4097, 100_000}) {
            LossCurve curve = new LossCurve();
            for (int step = 0; step < steps; step++) {
                curve.add(Double.NaN);
                curve.add(steps - step);
            }
            assertThat(curve.text(8)).as("%d steps", steps).isEqualTo("█▇▆▅▄▃▂▁");
        }
        LossCurve flat = new LossCurve();
        flat.add(2);
        flat.add(2);
        assertThat(flat.text(60)).isEqualTo("▁▁");
        assertThat(new LossCurve().text(60)).isEmpty();
    }

    @Test
    void whatIsSaidStaysAboveWhatIsWrittenOver() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream terminal = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (LivePanel panel = new LivePanel(terminal)) {
            panel.show(List.of("a", "x".repeat(100)), 0);
            panel.show(List.of("never seen"), 1);
            panel.say("said");
            panel.show(List.of("b"), 1_000_000_000);
        }
        String wide = "x".repeat(79);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "a\n"
                                + wide
                                + "\n"
                                + "\u001b[2A\r\u001b[Jsaid\nnever seen\n"
                                + "\u001b[1A\r\u001b[Jb\n"
                                + "\u001b[1A\r\u001b[Jb\n");
    }

    @Test
    void aTerminalShowsATrainingAndOthersReadLines() throws IOException {
        Files.writeString(folder.resolve("text.txt"), "The dog ran to the sun.\n".repeat(60));
        Files.writeString(
                folder.resolve("job.yml"),
                """
                model: %s
                data: {train: [text.txt], validation: [text.txt], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 1}
                steps: 6
                pipeline: {stages: 2}
                """
                        .formatted(Material.data().resolve("models/stories260k-hf")));
        CommandLineRun terminal =
                CommandLineRun.onTerminal(folder, Map.of(), "train", "job.yml", "out");
        assertThat(terminal.exitCode()).as(terminal::transcript).isZero();
        assertThat(terminal.err())
                .contains("step 6 of 6  ████████████████████████  100 %")
                .contains("tokens/s", "loss ", "▁", "validation loss ")
                .containsPattern("stages  0: layers 0\\.\\.\\d, [0-9.]+ .B  1: layers \\d")
                .contains("\u001b[");
        CommandLineRun pipe = CommandLineRun.in(folder, "train", "job.yml", "other");
        assertThat(pipe.err()).doesNotContain("\u001b", "█").contains("validation loss");
    }
}
