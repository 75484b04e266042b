package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk that fills while a merge writes to it. */
@Tag("process")
class DiskFullTest {
    @TempDir private Path folder;

    private Path disk() {
        return folder.resolve("disk");
    }

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        Files.createDirectories(disk());
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk().toString()) == 0,
                "mounting a small file system needs root");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        run("umount", "-l", disk().toString());
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    @Test
    void tooLittleSpaceIsSeenBeforeAnythingIsWritten() throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        Files.write(disk().resolve("ballast"), new byte[24 << 20]);
        AccreteProcess process = merge.startInto("disk/out");
        assertThat(process.exitCode()).as(process::transcript).isEqualTo(4);
        assertThat(process.err()).contains("RES-001").contains("free");
        assertThat(disk()).isDirectoryNotContaining("glob:**out*");
    }

    @Test
    void nothingIsLostAndTheSameCommandGoesOnAfterSpaceWasMade()
            throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        AccreteProcess process = merge.startInto("disk/out", "--workers", "1");
        assertThat(process.readUntil(line -> line.contains("RUNNING"))).isNotNull();
        process.signal("STOP");
        fill(disk().resolve("ballast"));
        process.signal("CONT");
        assertThat(process.exitCode()).as(process::transcript).isEqualTo(1);
        assertThat(process.err()).containsIgnoringCase("space").contains("bytes");
        assertThat(disk().resolve("out")).doesNotExist();

        Files.delete(disk().resolve("ballast"));
        AccreteProcess again = merge.startInto("disk/out");
        assertThat(again.exitCode()).as(again::transcript).isZero();
        assertThat(merge.wrongTensors(disk().resolve("out"))).isEmpty();
        assertThat(disk().resolve(".out.accrete")).doesNotExist();
    }

    /** All but half a megabyte. */
    private static void fill(Path ballast) throws IOException {
        long free = Files.getFileStore(ballast.getParent()).getUsableSpace();
        Files.write(ballast, new byte[Math.toIntExact(Math.max(0, free - (1 << 19)))]);
    }
}
