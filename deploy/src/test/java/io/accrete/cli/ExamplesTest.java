package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.accrete.coordinator.recipe.RecipeReader;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.tour.BaseModel;
import io.accrete.tour.StoryWriter;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The examples say what they mean, and the toys run. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();

    @TempDir private Path folder;

    @TestFactory
    Stream<DynamicTest> everyExampleIsSound() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".yml")).toList();
            assertThat(all).hasSize(10);
            return all.stream()
                    .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
        }
    }

    private static void check(Path file) throws IOException {
        String text = Files.readString(file);
        if (file.toString().endsWith("-merge.yml")) {
            assertThat(RecipeReader.read("recipe.yml", text, true).problems()).isEmpty();
            return;
        }
        ParsedJob job = JobReader.read("job.yml", text);
        assertThat(job.problems()).isEmpty();
        String command = job.job().orElseThrow().grow().isPresent() ? "grow" : "train";
        assertThat(text).startsWith("# accrete " + command + " " + file.getFileName());
    }

    @Test
    void theToysRun() throws IOException {
        BaseModel.write(folder.resolve("base"));
        Files.writeString(folder.resolve("stories.txt"), new StoryWriter(1).write(200));
        Files.writeString(folder.resolve("held-out.txt"), new StoryWriter(2).write(5));
        run("merge", "toy-merge.yml", "grown", "");
        run("train", "toy-heal.yml", "healed", "steps: 150");
        run("train", "prune-heal.yml", "pruned", "steps: 300");
        run("train", "distil.yml", "distilled", "steps: 150");
        run("grow", "grow.yml", "rounds", "steps: 200");
    }

    /** As it stands, but for as few steps as show that it runs. */
    private void run(String command, String example, String output, String steps)
            throws IOException {
        String text = Files.readString(EXAMPLES.resolve(example));
        assertThat(text).contains(steps);
        Files.writeString(
                folder.resolve(example), steps.isEmpty() ? text : text.replace(steps, "steps: 2"));
        CommandLineRun run = CommandLineRun.in(folder, command, example, output, "--quiet");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(folder.resolve(output).resolve("config.json")).exists();
    }
}
