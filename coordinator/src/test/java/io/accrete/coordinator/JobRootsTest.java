package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A job that a server plans reads nothing outside of its roots, whatever links there are. */
class JobRootsTest {
    @TempDir Path folder;
    private Path root;
    private Path outside;

    @BeforeEach
    void make() throws IOException {
        Path real = folder.toRealPath();
        root = Files.createDirectories(real.resolve("root"));
        outside = Files.createDirectories(real.resolve("outside"));
        TinyModels.llama().write(root.resolve("model"));
        TinyModels.llama().seed(2).write(outside.resolve("secret"));
        Files.writeString(root.resolve("text.txt"), "The dog ran to the sun.\n".repeat(100));
        Files.writeString(outside.resolve("text.txt"), "Nobody reads this.\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.safetensors",
                "config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "generation_config.json"
            })
    void aModelWithALinkToAFileOutsideIsRefusedAndNothingOfItIsTold(String file)
            throws IOException {
        Files.delete(root.resolve("model").resolve(file));
        Files.createSymbolicLink(
                root.resolve("model").resolve(file), outside.resolve("secret").resolve(file));

        List<Problem> merge = merged("model", List.of(root)).problems();
        assertThat(merge).extracting(Problem::code).containsExactly("PLN-006");
        assertRefusal(merge.getFirst(), file);
        List<Problem> training = trained("model", "text.txt");
        assertThat(training).extracting(Problem::code).contains("TRN-111");
        assertRefusal(
                training.stream()
                        .filter(one -> one.code().equals("TRN-111"))
                        .findFirst()
                        .orElseThrow(),
                file);
    }

    private void assertRefusal(Problem problem, String file) {
        assertThat(problem.message())
                .contains("`%s` of 'model'".formatted(file))
                .doesNotContain(outside.toString());
        assertThat(problem.fix()).contains("--root");
    }

    @Test
    void aLinkThroughALinkOrToNothingIsRefusedToo() throws IOException {
        Path weights = root.resolve("model/model.safetensors");
        Files.delete(weights);
        Files.createSymbolicLink(weights, root.resolve("hop"));
        Files.createSymbolicLink(root.resolve("hop"), outside.resolve("secret/model.safetensors"));
        assertThat(merged("model", List.of(root)).plan()).isEmpty();

        Files.delete(outside.resolve("secret/model.safetensors"));
        assertThat(merged("model", List.of(root)).problems())
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains("`model.safetensors` of 'model' is a link");
    }

    @Test
    void weightsBelowTheFolderAreLookedAtToo() throws IOException {
        TinyModels.llama().shards(2).write(root.resolve("sharded"));
        Path index = root.resolve("sharded/model.safetensors.index.json");
        Files.createDirectories(root.resolve("sharded/below"));
        String shard = "model-00002-of-00002.safetensors";
        Files.move(root.resolve("sharded").resolve(shard), outside.resolve(shard));
        Files.writeString(index, Files.readString(index).replace(shard, "below/" + shard));
        Files.createSymbolicLink(
                root.resolve("sharded/below").resolve(shard), outside.resolve(shard));

        assertThat(merged("sharded", List.of(root)).plan()).isEmpty();
        assertThat(merged("sharded", List.of(root)).problems())
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains("`below/" + shard);
    }

    @Test
    void aCacheWhoseBlobsLieUnderARootIsRead() throws IOException {
        Path repository = root.resolve("models--a--b");
        Path blobs = Files.createDirectories(repository.resolve("blobs"));
        Path snapshot = Files.createDirectories(repository.resolve("snapshots/c0ffee"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve("model"))) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                Files.copy(file, blobs.resolve("blob-of-" + name));
                Files.createSymbolicLink(
                        snapshot.resolve(name), Path.of("../../blobs/blob-of-" + name));
            }
        }
        String name = "models--a--b/snapshots/c0ffee";
        assertThat(merged(name, List.of(root)).plan()).isPresent();
        assertThat(merged("c0ffee", List.of(snapshot.getParent())).problems())
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains("is a link that does not lead to a file");
        assertThat(trained(name, "text.txt")).extracting(Problem::code).doesNotContain("TRN-111");
    }

    @Test
    void aTextOutsideIsRefused() throws IOException {
        Files.createSymbolicLink(root.resolve("link.txt"), outside.resolve("text.txt"));

        assertThat(trained("model", "text.txt"))
                .extracting(Problem::code)
                .doesNotContain("TRN-112");
        assertThat(trained("model", "link.txt")).extracting(Problem::code).contains("TRN-112");
    }

    @Test
    void whoRunsAJobHimselfMayLinkWhereHeLikes() throws IOException {
        Path weights = root.resolve("model/model.safetensors");
        Files.delete(weights);
        Files.createSymbolicLink(weights, outside.resolve("secret/model.safetensors"));

        JobSpec spec =
                JobSpec.merge(
                        "recipe",
                        merge("model"),
                        root.resolve("out").toString(),
                        MergeOptions.defaults(root.toString()));
        assertThat(MergePlanning.plan(spec).plan()).isPresent();
    }

    private static String merge(String model) {
        return """
        merge_method: passthrough
        slices:
          - sources: [{model: %s, layer_range: [0, 2]}]
        """
                .formatted(model);
    }

    private PlanOutcome merged(String model, List<Path> roots) {
        JobDocument document =
                new JobDocument(JobKind.MERGE, merge(model), null, null, "out", null);
        return MergePlanning.plan(document.spec(root.resolve("out"), roots));
    }

    private List<Problem> trained(String model, String text) {
        String job =
                """
                model: %s
                data: {train: [%s], sequence_length: 16}
                batch: {micro_batch: 1, accumulate: 1}
                steps: 1
                """
                        .formatted(model, text);
        JobDocument document = new JobDocument(JobKind.TRAIN, null, null, job, "out", null);
        return TrainPlanning.prepare(document.spec(root.resolve("out"), List.of(root))).problems();
    }
}
