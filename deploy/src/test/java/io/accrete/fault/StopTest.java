package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Ctrl-C and SIGTERM in the middle of a merge. */
@Tag("process")
class StopTest {
    /** Two seconds are promised; a loaded machine gets one more. */
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"INT, 130, planned", "INT, 130, RUNNING", "TERM, 143, RUNNING"})
    void stopsSoonAndSaysHowToGoOn(String signal, int exitCode, String moment)
            throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        AccreteProcess process = merge.start("--workers", "1");
        assertThat(process.readUntil(line -> line.contains(moment))).isNotNull();
        long start = System.nanoTime();
        process.signal(signal);
        assertThat(process.endsWithin(DEADLINE)).as(process::transcript).isTrue();
        System.out.printf(
                "SIG%s: ended after %d ms%n", signal, (System.nanoTime() - start) / 1_000_000);
        assertThat(process.exitCode()).as(process::transcript).isEqualTo(exitCode);
        assertThat(process.err()).containsOnlyOnce("same command");
        assertThat(merge.output()).doesNotExist();

        AccreteProcess again = merge.start();
        assertThat(again.exitCode()).as(again::transcript).isZero();
        assertThat(merge.wrongTensors()).isEmpty();
        assertThat(merge.staging()).doesNotExist();
    }
}
