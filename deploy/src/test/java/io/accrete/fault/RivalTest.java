package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Two commands that want the same output, and sources that change under a job. */
@Tag("process")
class RivalTest {
    @TempDir private Path folder;

    @Test
    void secondProcessIsToldThePidOfTheFirst() throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        AccreteProcess first = merge.start("--workers", "1");
        assertThat(first.readUntil(line -> line.contains("RUNNING"))).isNotNull();
        first.signal("STOP");
        AccreteProcess second = merge.start();
        assertThat(second.exitCode()).as(second::transcript).isEqualTo(4);
        // `env` became the Java process, so its pid is the one that the process has itself.
        assertThat(second.err()).contains("process " + first.pid());
        first.signal("CONT");
        assertThat(first.exitCode()).as(first::transcript).isZero();
        assertThat(merge.wrongTensors()).isEmpty();
    }

    @Test
    void sourceThatChangedBetweenTwoRunsIsNamed() throws IOException, InterruptedException {
        MergeUnderTest merge = interrupted();
        Path shard = merge.source().resolve("model-00002-of-00003.safetensors");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length - 1] ^= 1;
        Files.write(shard, bytes);
        AccreteProcess again = merge.start();
        assertThat(again.exitCode()).as(again::transcript).isEqualTo(4);
        assertThat(again.err()).contains(shard.toString());
        assertThat(merge.output()).doesNotExist();
    }

    @Test
    void anotherRecipeDoesNotTouchAnUnfinishedMerge() throws IOException, InterruptedException {
        MergeUnderTest merge = interrupted();
        AccreteProcess other = merge.start("--layout", "shared");
        assertThat(other.exitCode()).as(other::transcript).isEqualTo(4);
        assertThat(other.err()).contains(".out.accrete");
        AccreteProcess again = merge.start();
        assertThat(again.exitCode()).as(again::transcript).isZero();
        assertThat(again.result().get("shards_resumed").intValue()).isPositive();
        assertThat(merge.wrongTensors()).isEmpty();
    }

    @Test
    void finishedOutputIsLeftAlone() throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        assertThat(merge.start().exitCode()).isZero();
        AccreteProcess again = merge.start();
        assertThat(again.exitCode()).as(again::transcript).isZero();
        assertThat(again.err()).contains("already");
        AccreteProcess other = merge.start("--layout", "shared");
        assertThat(other.exitCode()).as(other::transcript).isEqualTo(4);
        assertThat(other.err()).contains("--overwrite");
        assertThat(merge.wrongTensors()).isEmpty();
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private MergeUnderTest interrupted() throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        AccreteProcess process = merge.start("--workers", "1");
        // Seen in the folder, since what the process says may come too late.
        Path shards = merge.staging().resolve("model");
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> Files.exists(shards) && count(shards) >= 20);
        process.kill();
        assertThat(merge.output()).doesNotExist();
        return merge;
    }
}
