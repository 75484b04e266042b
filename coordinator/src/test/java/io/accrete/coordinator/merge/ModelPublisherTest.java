package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.coordinator.drive.JobFolders;
import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.drive.ModelPublisher.Step;
import io.accrete.coordinator.drive.Staging;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class ModelPublisherTest {
    @TempDir Path folder;
    private Path output;
    private Staging beside;
    private Staging inside;
    private MergePlan plan;

    @BeforeEach
    void makePlan() throws IOException {
        output = folder.resolve("out");
        beside = new Staging(output, folder.resolve(".out.accrete"), false);
        inside = new Staging(output, output.resolve(".out.accrete"), true);
        plan = SmallPlan.copies(SmallPlan.source(folder, 2));
    }

    @Test
    void aModelIsPublishedByOneRename() throws IOException {
        prepare(beside);

        assertThat(publisher(beside, false).advance()).isEqualTo(new Step.Published());

        assertComplete();
        assertThat(beside.model()).doesNotExist();
        assertThat(publisher(beside, false).advance())
                .as("killed after the rename, and started again")
                .isEqualTo(new Step.Published());
    }

    @Test
    void whatDoesNotBelongToTheModelIsNotPublished() throws IOException {
        Files.createDirectories(beside.model());
        Files.writeString(beside.model().resolve("config.json.draft"), "half");
        prepare(beside);

        publisher(beside, false).advance();

        assertThat(output.resolve("config.json.draft")).doesNotExist();
    }

    @Test
    void anEmptyFolderIsReplaced() throws IOException {
        Files.createDirectories(output);
        prepare(beside);

        assertThat(publisher(beside, false).advance()).isEqualTo(new Step.Published());
        assertComplete();
    }

    @Test
    void twoFoldersAreExchangedInTwoSteps() throws IOException {
        otherModel();
        prepare(beside);

        assertThat(publisher(beside, true).advance()).isEqualTo(new Step.MovedAside());
        assertThat(output).doesNotExist();
        assertThat(publisher(beside, true).advance()).isEqualTo(new Step.Published());

        assertComplete();
        assertThat(beside.replaced().resolve("old.safetensors")).exists();
    }

    @Test
    void aModelThatAppearedMeanwhileIsNotTouched() throws IOException {
        prepare(beside);
        otherModel();

        assertThat(publisher(beside, false).advance())
                .isInstanceOfSatisfying(
                        Step.Blocked.class,
                        blocked -> assertThat(blocked.sentence()).contains("move it away"));
        assertThat(output.resolve("old.safetensors")).exists();
    }

    @Test
    void aStagedModelThatIsGoneIsSaid() throws IOException {
        assertThat(publisher(beside, false).advance())
                .isInstanceOfSatisfying(
                        Step.Blocked.class,
                        blocked -> assertThat(blocked.sentence()).contains("is gone"));
    }

    @Test
    void intoAMountPointFilesAreMovedOneByOne() throws IOException {
        Files.createDirectories(output.resolve("lost+found"));
        prepare(inside);

        assertThat(publisher(inside, false).advance()).isEqualTo(new Step.Published());

        assertComplete();
    }

    @Test
    void aMoveIntoAMountPointThatWasCutOffIsFinished() throws IOException {
        Files.createDirectories(output);
        prepare(inside);
        Files.move(inside.model().resolve("accrete.json"), output.resolve("accrete.json"));
        Path shard = first();
        Files.move(inside.model().resolve(shard), output.resolve(shard));

        assertThat(publisher(inside, false).advance()).isEqualTo(new Step.Published());
        assertComplete();
        assertThat(publisher(inside, false).advance()).isEqualTo(new Step.Published());
    }

    @Test
    void theConfigurationComesLastSoThatAHalfMovedModelDoesNotLoad() throws IOException {
        Files.createDirectories(output);
        prepare(inside);
        Files.move(inside.model().resolve("accrete.json"), output.resolve("accrete.json"));
        Files.createDirectories(output.resolve(first()).resolve("in the way"));

        assertThatThrownBy(() -> publisher(inside, false).advance())
                .isInstanceOf(IOException.class);

        assertThat(output.resolve("config.json")).doesNotExist();
    }

    @Test
    void aModelInAMountPointIsReplacedFileByFile() throws IOException {
        otherModel();
        prepare(inside);
        // As if killed after its configuration had been moved aside.
        Files.createDirectories(inside.replaced());
        Files.move(output.resolve("config.json"), inside.replaced().resolve("config.json"));

        assertThat(publisher(inside, true).advance()).isEqualTo(new Step.MovedAside());
        assertThat(publisher(inside, true).advance()).isEqualTo(new Step.Published());

        assertComplete();
        assertThat(output.resolve("old.safetensors")).doesNotExist();
        assertThat(inside.replaced().resolve("old.safetensors")).exists();
    }

    private Path first() {
        return Path.of(plan.shards().getFirst().file());
    }

    private void otherModel() throws IOException {
        Files.createDirectories(output);
        Files.writeString(output.resolve("config.json"), "{}");
        Files.writeString(output.resolve("old.safetensors"), "old");
    }

    private void prepare(Staging staging) throws IOException {
        Files.createDirectories(staging.model());
        for (var shard : plan.shards()) {
            Files.writeString(staging.shard(shard.file()), "weights");
        }
        Provenance provenance =
                new Provenance(
                        1,
                        "test",
                        "mine",
                        "recipe.yml",
                        MergeOptions.defaults("/"),
                        plan.model(),
                        plan.sites(),
                        plan.sources(),
                        List.of(),
                        Optional.empty(),
                        ShardReceipt.Moved.NONE);
        publisher(staging, false).prepare(provenance.contents(plan));
    }

    private static ModelPublisher publisher(Staging staging, boolean overwrite) {
        return new ModelPublisher(staging, new JobFolders(List.of()), "mine", overwrite);
    }

    private void assertComplete() throws IOException {
        assertThat(MergeScene.names(output))
                .filteredOn(name -> !name.startsWith(".") && !name.equals("lost+found"))
                .containsExactly(
                        "accrete.json",
                        "config.json",
                        "model-00001.safetensors",
                        "model-00002.safetensors",
                        "model.safetensors.index.json",
                        "tokenizer.json");
    }
}
