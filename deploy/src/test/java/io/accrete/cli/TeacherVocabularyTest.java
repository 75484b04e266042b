package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.oracle.SmallModel;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Scores of a teacher are compared id by id: each has to stand for the same token. */
class TeacherVocabularyTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;
    private Path tokenizer = Path.of("");

    @BeforeEach
    void writeModels() throws IOException {
        SmallModel.copyTo(scratch.resolve("base"));
        SmallModel.copyTo(scratch.resolve("teacher"));
        tokenizer = scratch.resolve("teacher/tokenizer.json");
        Files.writeString(
                scratch.resolve("job.yml"),
                "model: base\ndata: {train: [text.txt]}\ndistill: {teacher: teacher}\n");
    }

    private CommandLineRun plan() {
        return CommandLineRun.in(scratch, List.of("plan", "job.yml"));
    }

    @Test
    void theSameTokensAreTakenSilently() {
        CommandLineRun run = plan();
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.transcript()).doesNotContain("TRN-116");
    }

    @Test
    void anIdThatStandsForAnotherTokenIsRefused() throws IOException {
        JsonNode all = JSON.readTree(tokenizer.toFile());
        ObjectNode tokens = (ObjectNode) all.path("model").path("vocab");
        List<String> names =
                List.copyOf(tokens.properties().stream().map(e -> e.getKey()).toList());
        String first = names.get(300);
        String second = names.get(301);
        int id = tokens.path(first).asInt();
        tokens.put(first, tokens.path(second).asInt());
        tokens.put(second, id);
        Files.writeString(tokenizer, JSON.writeValueAsString(all));
        CommandLineRun run = plan();
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.PLAN_REFUSED.code());
        assertThat(run.transcript())
                .contains(
                        "TRN-116",
                        "2 of 512 ids stand for another token",
                        "such as %d: '%s' there and '%s' in the model"
                                .formatted(
                                        Math.min(id, tokens.path(first).asInt()), second, first));
    }

    @Test
    void whatCannotBeComparedIsSaid() throws IOException {
        Files.delete(tokenizer);
        CommandLineRun run = plan();
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.transcript())
                .contains("TRN-116", "not known, since the teacher has no tokenizer.json");
    }
}
