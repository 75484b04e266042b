package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** What the launcher does with the ends of a node, which here is a script that knows its codes. */
class SupervisorTest {
    private static final String NODE =
            """
            echo run >>runs
            set -- $CODES
            shift $(($(wc -l <runs) - 1))
            exit $1
            """;

    @TempDir private Path folder;

    private Process start(String codes, String script) throws IOException {
        Files.writeString(folder.resolve("node"), script);
        ProcessBuilder builder =
                new ProcessBuilder(
                                "env",
                                "--default-signal=INT,TERM,HUP",
                                AccreteProcess.SUPERVISOR.toString(),
                                "sh",
                                "node")
                        .directory(folder.toFile())
                        .redirectError(folder.resolve("err").toFile());
        builder.environment().put("CODES", codes);
        builder.environment()
                .merge("PATH", folder.resolve("bin") + "", (path, bin) -> bin + ":" + path);
        return builder.start();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "3, 3, 1",
        "137, 137, 1",
        "5, 5, 1",
        "7 0, 0, 2",
        "7 5 1, 1, 3",
        "7 7 6, 6, 3"
    })
    void onlyANodeThatWasGivenUpIsStartedAgain(String codes, int last, int runs)
            throws IOException, InterruptedException {
        assertThat(start(codes, NODE).waitFor()).isEqualTo(last);
        assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(runs);
        List<String> waits =
                List.of("starting the node again in 1 s", "starting the node again in 2 s");
        assertThat(Files.readAllLines(folder.resolve("err")).stream().map(l -> l.substring(9)))
                .containsExactlyElementsOf(waits.subList(0, runs - 1));
    }

    /** As where each run takes ten minutes. */
    @ParameterizedTest
    @CsvSource({"7 7 0, 0, 3", "7 5, 5, 2"})
    void aNodeThatLivedForLongBeginsWithAShortWaitAgain(String codes, int last, int runs)
            throws IOException, InterruptedException {
        Path date = folder.resolve("bin/date");
        Files.createDirectories(date.getParent());
        Files.writeString(
                date,
                """
                #!/bin/sh
                echo tick >>clock
                echo $((600 * $(wc -l <clock)))
                """);
        Files.setPosixFilePermissions(date, PosixFilePermissions.fromString("rwx------"));
        assertThat(start(codes, NODE).waitFor()).isEqualTo(last);

        assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(runs);
        assertThat(Files.readAllLines(folder.resolve("err")))
                .hasSize(runs - 1)
                .allMatch(line -> line.endsWith("starting the node again in 1 s"));
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void aSignalEndsTheNodeAndNoOtherBegins(String signal, int code)
            throws IOException, InterruptedException {
        Process process =
                start(
                        "",
                        """
                        trap 'echo left >>runs; kill $waiting; exit 7' TERM
                        sleep 100 &
                        waiting=$!
                        echo ready
                        wait
                        """);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        new ProcessBuilder("kill", "-" + signal, process.pid() + "").start().waitFor();

        assertThat(process.waitFor()).isEqualTo(code);
        assertThat(Files.readAllLines(folder.resolve("runs"))).containsExactly("left");
    }

    @Test
    void aSignalEndsTheWaitForANewStart() throws IOException, InterruptedException {
        Process process = start("7 7 7", NODE);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(folder.resolve("err")).contains("again in 2 s"));
        process.destroy();

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(2);
    }
}
