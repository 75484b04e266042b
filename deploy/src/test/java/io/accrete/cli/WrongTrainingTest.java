package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.TensorLocation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Trainings that cannot be, or not wholly: each says why, and leaves nothing half-made. */
class WrongTrainingTest {
    private static final String ROW = "{\"input_ids\": [1, 5, 9, 13, 17, 21, 25, 29]}\n";

    @TempDir private Path folder;

    @BeforeEach
    void files() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(folder.resolve("rows.jsonl"), ROW.repeat(16));
    }

    private CommandLineRun train(String job, String... options) throws IOException {
        String own =
                """
                data: {train: [rows.jsonl], sequence_length: 8, shuffle: false, pack: false}
                batch: {micro_batch: 2, accumulate: 1}
                steps: 3
                """;
        boolean data = job.contains("data:");
        Files.writeString(
                folder.resolve("job.yml"),
                "model: a\n"
                        + (data ? own.substring(own.indexOf('\n') + 1) : own)
                        + job.replace('|', '\n')
                        + "\n");
        String[] arguments = new String[options.length + 3];
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[0] = "train";
        arguments[arguments.length - 2] = "job.yml";
        arguments[arguments.length - 1] = "out";
        return CommandLineRun.in(folder, arguments);
    }

    private void assertRefused(CommandLineRun run, int exitCode, String... words) {
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(exitCode);
        assertThat(run.err()).as(run::transcript).contains(words).doesNotContain("Exception");
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = ';',
            value = {
                "optimizer: {learning_rate: fast}; 3; [TRN-010]; a number",
                "optimizer: {learning_rate: '3e-4 per step'}; 3; [TRN-010]; a number",
                "stepz: 3; 3; [TRN-009]; did you mean 'steps'",
                "optimizer: {lr: 1}; 3; [TRN-009]; learning_rate",
                "pipeline: {stages: 5}; 4; [TRN-105]; the model has 4",
                "data: {train: [none.jsonl]}; 4; [TRN-112]; there is no such file",
                "precision: bfloat16; 3; [TRN-013]; float32",
            })
    void whatTheJobSaysWrongIsSaid(String job, int exitCode, String code, String words)
            throws IOException {
        assertRefused(train(job), exitCode, code, words, "fix: ");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = ';',
            value = {
                "{\"input_ids\": [1, 32]}; DAT-016; rows.jsonl:17; vocabulary has 0..31",
                "{\"input_ids\": [1, -1]}; DAT-016; rows.jsonl:17; vocabulary has 0..31",
                "{\"input_ids\": [1, 2], \"labels\": [1, 99]}; DAT-016; rows.jsonl:17; `labels`[1]",
                "{\"messages\": []}; DAT-011; rows.jsonl:17; chat template",
                "{\"input_ids\": [1,; DAT-010; rows.jsonl:17; one object per line",
            })
    void whatARowSaysWrongIsSaid(String row, String code, String place, String words)
            throws IOException {
        Files.writeString(
                folder.resolve("rows.jsonl"), ROW.repeat(16) + row.replace("\\", "") + "\n");
        assertRefused(train(""), 3, "[" + code + "]", place, words);
    }

    /** What is no number reaches neither a checkpoint nor a result. */
    @Test
    void stepsThatLeaveNoNumbersEndTheTraining() throws IOException {
        CommandLineRun run =
                train(
                        "optimizer: {learning_rate: 1, weight_decay: 1e300, decay: all,"
                                + " warmup_steps: 0, schedule: constant}");
        assertThat(run.exitCode()).as(run::transcript).isNotZero();
        assertThat(run.err()).contains("[TRN-126]", "NaN or infinite", "learning_rate");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void nothingToLearnFromIsRefused() throws IOException {
        Files.writeString(folder.resolve("rows.jsonl"), "\n\n");
        assertRefused(train(""), 3, "[DAT-022]", "no row of two ids or more");
        Files.writeString(
                folder.resolve("rows.jsonl"),
                "{\"input_ids\": [1, 2, 3], \"labels\": [-100, -100, -100]}\n".repeat(3));
        assertRefused(train(""), 3, "[DAT-022]", "none of the 3 rows has a label that counts");
    }

    /** The model of 4 layers has 12,256 numbers. */
    @Test
    void aModelThatDoesNotFitIsReckonedUp() throws IOException {
        CommandLineRun run = train("pipeline: {stages: 1}", "--memory", "150kB");
        assertRefused(run, 4, "[TRN-107]");
        assertThat(run.err()).containsPattern("weights|masters").contains("it fits");
    }

    @Test
    void aStepWithoutALabelIsSkippedWithASentence() throws IOException {
        String masked = "{\"input_ids\": [1, 2, 3], \"labels\": [-100, -100, -100]}\n";
        Files.writeString(
                folder.resolve("rows.jsonl"), ROW.repeat(2) + masked.repeat(2) + ROW.repeat(2));
        CommandLineRun run = train("");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.err()).contains("step 2 was skipped: none of the labels of its rows counts");
        List<String> metrics = Files.readAllLines(folder.resolve("out/metrics.jsonl"));
        assertThat(metrics).hasSize(3);
        assertThat(metrics.get(1)).contains("\"tokens\":0,\"loss\":null", "\"skipped\":true");
        assertThat(metrics.get(2)).contains("\"skipped\":false");
    }

    /** Only some rows of a step: the mean is over the labels that count. */
    @Test
    void aRowWithoutALabelDoesNotCount() throws IOException {
        String masked = "{\"input_ids\": [1, 5, 9], \"labels\": [-100, -100, -100]}\n";
        Files.writeString(folder.resolve("rows.jsonl"), (ROW + masked).repeat(3));
        assertThat(train("").exitCode()).isZero();
        assertThat(Files.readAllLines(folder.resolve("out/metrics.jsonl")))
                .allSatisfy(line -> assertThat(line).contains("\"tokens\":7,"));
    }

    @Test
    void longRowsAreSplitAndCounted() throws IOException {
        String row = "{\"input_ids\": [1, 5, 9, 13, 17, 21, 25, 29, 3, 7, 11]}\n";
        Files.writeString(folder.resolve("rows.jsonl"), ROW + row.repeat(2) + ROW);
        CommandLineRun run = train("");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.err())
                .contains("2 rows are longer than data.sequence_length and were split");
        // six rows: of 8, 8, 3, 8, 3 and 8 ids
        List<String> metrics = Files.readAllLines(folder.resolve("out/metrics.jsonl"));
        assertThat(metrics.get(0)).contains("\"tokens\":14,");
        assertThat(metrics.get(1)).contains("\"tokens\":9,");
        assertThat(metrics.get(2)).contains("\"tokens\":9,");
    }

    /** The last number of a tensor of the model. */
    private void spoil(String tensor) throws IOException {
        TensorLocation at =
                Objects.requireNonNull(ModelFolder.open(folder.resolve("a")).tensors().get(tensor));
        Path weights = folder.resolve("a/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        int end = Math.toIntExact(at.offset() + at.spec().bytes());
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(end - Float.BYTES, Float.NaN);
        Files.write(weights, bytes);
    }

    @Test
    void weightsThatAreNoNumbersEndTheTraining() throws IOException {
        spoil("model.layers.3.mlp.down_proj.weight");
        String path = folder.resolve("a").toString();
        assertRefused(train(""), 4, "[TRN-130]", path, "layers.3.mlp.down_proj.weight", "NaN");
        assertRefused(train("trainable: norms"), 4, "[TRN-123]", path, "NaN", "verify --forward");
        assertRefused(
                train(
                        "trainable: norms|data: {train: [rows.jsonl], validation: [rows.jsonl],"
                                + " sequence_length: 8, pack: false}"),
                4,
                "[TRN-123]",
                path);
    }

    @Test
    void numbersOfAnAdapterAreNotBlamedOnTheModel() throws IOException {
        String lora = "lora: {rank: 2, alpha: 4%s}";
        CommandLineRun sound = train(lora.formatted(""));
        assertThat(sound.exitCode()).as(sound::transcript).isZero();
        Path adapter = Files.move(folder.resolve("out/adapter"), folder.resolve("adapter"));
        Files.move(folder.resolve("out"), folder.resolve("first"));
        Path weights = adapter.resolve("adapter_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(bytes.length - Float.BYTES, Float.NaN);
        Files.write(weights, bytes);
        CommandLineRun run = train(lora.formatted(", adapter: adapter"));
        assertRefused(run, 4, "[TRN-130]", weights.toString(), "lora_", "leave out `lora.adapter`");
        assertThat(run.err()).doesNotContain("another model");
    }

    /** No row has token 31, so that no loss shows it; nor does the check of a pass. */
    @Test
    void aTokenThatNoRowHasIsLookedAtToo() throws IOException {
        spoil("model.embed_tokens.weight");
        assertRefused(train(""), 4, "[TRN-130]", "`model.embed_tokens.weight`", "NaN or infinite");
        assertThat(train("trainable: norms").exitCode()).as("it does not learn").isZero();
    }

    @Test
    void rowsBeyondASlidingWindowAreRefused() throws IOException {
        Path config = folder.resolve("a/config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst("\\{", "{\n  \"sliding_window\": 6,"));
        assertRefused(
                train(""), 4, "[TRN-122]", "7 positions", "window of 6", "sequence_length: 7");
        CommandLineRun eval =
                CommandLineRun.in(folder, "eval", "--model", "a", "--data", "rows.jsonl");
        assertThat(eval.exitCode()).as(eval::transcript).isEqualTo(3);
        assertThat(eval.err()).contains("[DAT-023]", "window of 6");
        CommandLineRun shorter =
                train("data: {train: [rows.jsonl], sequence_length: 7, pack: false}");
        assertThat(shorter.exitCode()).as(shorter::transcript).isZero();
    }

    /** And a merge mends it, as the sentence says. */
    @Test
    void tensorsBetweenTwoNumbersAreRefused() throws IOException {
        Path weights = folder.resolve("a/model.safetensors");
        ByteBuffer before =
                ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(before.getLong(0));
        ByteBuffer after =
                ByteBuffer.allocate(before.capacity() + 1).order(ByteOrder.LITTLE_ENDIAN);
        after.putLong(header + 1);
        after.put(before.slice(Long.BYTES, header));
        after.put(" ".getBytes(StandardCharsets.US_ASCII));
        after.put(before.slice(Long.BYTES + header, before.capacity() - Long.BYTES - header));
        Files.write(weights, after.array());
        assertRefused(train(""), 4, "between two multiples of the 4 bytes", "passthrough");
        CommandLineRun eval =
                CommandLineRun.in(folder, "eval", "--model", "a", "--data", "rows.jsonl");
        assertThat(eval.err()).contains("between two multiples").doesNotContain("Exception");

        Files.writeString(
                folder.resolve("r.yml"), "merge_method: passthrough\nmodels: [{model: a}]\n");
        CommandLineRun merge = CommandLineRun.in(folder, "merge", "r.yml", "b");
        assertThat(merge.exitCode()).as(merge::transcript).isZero();
        Files.move(folder.resolve("a"), folder.resolve("odd"));
        Files.move(folder.resolve("b"), folder.resolve("a"));
        CommandLineRun mended = train("");
        assertThat(mended.exitCode()).as(mended::transcript).isZero();
    }
}
