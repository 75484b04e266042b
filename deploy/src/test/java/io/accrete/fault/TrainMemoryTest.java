package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A training needs no more memory the longer it goes on. */
@Tag("process")
class TrainMemoryTest {
    private static final int STEPS = Integer.getInteger("accrete.steps", 300);

    /** After which buffers, caches and the compiled code are there. */
    private static final int SETTLED = STEPS / 3;

    /** What is lost if one tensor of a layer's states, [4, 256, 64], stays in each step. */
    private static final long GROWTH_MAX_KB = (STEPS - SETTLED) * 4L * 256 * 64 * 4 / 1024;

    @TempDir private Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentMemoryStaysFlat() throws IOException, InterruptedException {
        TrainUnderTest training = TrainUnderTest.longRunningIn(folder, STEPS);
        AccreteProcess process = training.start("out");
        long before = residentAfter(process, SETTLED);
        long after = residentAfter(process, STEPS - 5);
        assertThat(process.exitCode()).as(process::transcript).isZero();
        System.out.printf(
                "resident memory: %,d kB after %d steps, %,d kB after %d%n",
                before, SETTLED, after, STEPS - 5);
        assertThat(after - before).isLessThan(GROWTH_MAX_KB);
    }

    /** In kB, without files that are mapped. */
    private static long residentAfter(AccreteProcess process, int step) throws IOException {
        assertThat(process.readUntil(line -> line.contains("\"step\":" + step + ","))).isNotNull();
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
