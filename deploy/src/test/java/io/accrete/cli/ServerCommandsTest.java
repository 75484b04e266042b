package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.LocalSettings;
import io.accrete.node.Node;
import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Commands that speak to a server, and a server. */
class ServerCommandsTest {
    @TempDir static Path root;
    private static Node node;

    @BeforeAll
    static void start() throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        recipe("recipe.yml", 2);
        recipe("wrong.yml", 9);
        node = Node.start(LocalSettings.in(root), "test");
    }

    private static void recipe(String name, int layers) throws IOException {
        Files.writeString(
                root.resolve(name),
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: model, layer_range: [0, %d]}]
                """
                        .formatted(layers));
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
    }

    @Test
    void aJobIsTriedOutSubmittedListedAndDeleted() {
        CommandLineRun dry = run("submit", "--dry-run", "recipe.yml", "out");
        assertThat(dry.exitCode()).as(dry.transcript()).isZero();
        assertThat(dry.out()).contains("layers", "memory");
        assertThat(run("jobs").out()).contains("no jobs");
        assertThat(root.resolve(".out.accrete")).doesNotExist();

        CommandLineRun done = run("submit", "--watch", "--json", "recipe.yml", "out");
        assertThat(done.exitCode()).as(done.transcript()).isZero();
        String job = done.result().path("id").asText();
        assertThat(run("jobs", "--kind", "merge").out()).contains(job);
        assertThat(run("jobs", "--kind", "train").out()).contains("no jobs");

        assertThat(run("delete", job).exitCode()).isZero();
        assertThat(run("jobs").out()).contains("no jobs");
        assertThat(run("delete", job).err()).contains("there is no job");
        assertThat(root.resolve("out/config.json")).exists();
    }

    @Test
    void aJobCanBeSubmittedAgainWithTheKeyThatWasMade() {
        JsonNode first = run("submit", "--json", "recipe.yml", "out-3").result();
        JsonNode again =
                run("submit", "--json", "--key", first.path("key").asText(), "recipe.yml", "out-3")
                        .result();
        assertThat(again.path("id").asText()).isNotEmpty().isEqualTo(first.path("id").asText());
        assertThat(again.path("key")).isEqualTo(first.path("key"));

        String job = first.path("id").asText();
        assertThat(run("watch", job).exitCode()).isZero();
        assertThat(run("delete", job).exitCode()).isZero();
        String sentence = "there is no job '%s'; `accrete jobs`".formatted(job);
        assertThat(run("delete", job).err()).contains(sentence);
        assertThat(run("show", job).err()).contains(sentence);
        assertThat(run("watch", job).err()).contains(sentence);
        assertThat(run("cancel", job).err()).contains(sentence);
    }

    @Test
    void aTrialIsRefusedAsThePlanIs() {
        CommandLineRun plan = run("plan", "wrong.yml");
        CommandLineRun dry = run("submit", "--dry-run", "--json", "wrong.yml", "out-2");

        assertThat(dry.exitCode()).as(dry.transcript()).isEqualTo(plan.exitCode()).isNotZero();
        JsonNode problem = dry.result().path("problems").path(0);
        assertThat(problem.path("line").asInt()).isEqualTo(3);
        assertThat(plan.err()).contains(problem.path("code").asText());
    }

    @Test
    void aQuietSubmissionSaysTheJobAndNothingElse() {
        CommandLineRun quiet = run("submit", "-q", "recipe.yml", "out-4");
        assertThat(quiet.exitCode()).as(quiet.transcript()).isZero();
        assertThat(quiet.err()).isEmpty();
        String job = quiet.out().strip();
        CommandLineRun again = run("submit", "recipe.yml", "out-5");
        assertThat(again.err()).contains("submitted; `accrete watch");

        assertThat(run("jobs", "--limit", "1").err()).contains("more with `--after");
        assertThat(run("jobs", "--limit", "1", "-q").err()).isEmpty();
        for (String one : List.of(job, again.out().strip())) {
            assertThat(run("watch", "-q", one).exitCode()).isZero();
            assertThat(run("delete", one).exitCode()).isZero();
        }
    }

    @Test
    void whatOnlyTheServerKnowsToBeWrongIsUsageToo() {
        CommandLineRun run = run("jobs", "--after", "nothing");
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("the page before");
    }

    @Test
    void listsAreOneObjectEach() {
        JsonNode workers = run("workers", "--json").result();
        assertThat(workers.path("workers"))
                .singleElement()
                .satisfies(one -> assertThat(one.path("slots").asInt()).isEqualTo(1));
        assertThat(run("workers", "--json").out().lines()).hasSize(1);
        assertThat(run("jobs", "--json").result().path("jobs").isArray()).isTrue();
    }

    private static CommandLineRun run(String... arguments) {
        return CommandLineRun.in(
                root,
                Map.of(
                        "ACCRETE_SERVER",
                        "http://" + node.http().orElseThrow(),
                        "XDG_CONFIG_HOME",
                        root.toString()),
                arguments);
    }
}
