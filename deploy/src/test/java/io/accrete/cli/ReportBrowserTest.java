package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.oracle.Material;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

/** The report in a real browser: nothing to complain about, its charts drawn, light and dark. */
@Tag("process")
class ReportBrowserTest {
    private static final List<String> BROWSERS =
            List.of("chromium", "chromium-browser", "google-chrome", "headless_shell");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Of the first curve, as the style sheet has it. */
    private static final int BLUE_ON_WHITE = 0x1f6feb;

    private static final int BLUE_ON_BLACK = 0x6cb0ff;

    @TempDir private Path scratch;

    private static String browser() {
        String path = System.getenv("PATH");
        Optional<Path> found =
                BROWSERS.stream()
                        .flatMap(
                                name ->
                                        Stream.of(path.split(File.pathSeparator))
                                                .map(folder -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(found.isPresent(), "no Chromium is installed: the report was not looked at");
        return found.get().toString();
    }

    /** What the browser says about a page; its picture is beside it. */
    private String shown(Path page, String picture, boolean dark)
            throws IOException, InterruptedException {
        Path said = scratch.resolve(picture + ".txt");
        List<String> command = new ArrayList<>();
        command.addAll(
                List.of(
                        browser(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--enable-logging=stderr",
                        "--user-data-dir=" + scratch.resolve("profile-" + picture),
                        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                        "--window-size=900,7000",
                        "--screenshot=" + scratch.resolve(picture),
                        page.toUri().toString()));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("the browser ended").isTrue();
        return Files.readString(said);
    }

    private BufferedImage picture(String name) throws IOException {
        return ImageIO.read(scratch.resolve(name).toFile());
    }

    /** Share of pixels of nearly that colour. */
    private static double share(BufferedImage image, int colour) {
        int found = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int pixel = image.getRGB(x, y);
                int distance =
                        Math.abs((pixel >> 16 & 255) - (colour >> 16 & 255))
                                + Math.abs((pixel >> 8 & 255) - (colour >> 8 & 255))
                                + Math.abs((pixel & 255) - (colour & 255));
                found += distance < 24 ? 1 : 0;
            }
        }
        return (double) found / (image.getWidth() * image.getHeight());
    }

    @Test
    void theReportOfATrainingIsReadableInLightAndDark() throws IOException, InterruptedException {
        browser();
        String text = "Once upon a time there was a little dog. It liked to play in the sun.\n";
        Files.writeString(scratch.resolve("text.txt"), text.repeat(60));
        Files.writeString(
                scratch.resolve("job.yml"),
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: 1/k, gates: {kind: scalar, init: 1}}
                data: {train: text.txt, validation: text.txt, sequence_length: 65}
                batch: {micro_batch: 2, accumulate: 1}
                optimizer: {learning_rate: 0.001, warmup_steps: 4}
                steps: 30
                monitor: {validate_every: 10, sample: [Once upon a time, The dog]}
                """
                        .formatted(Material.data().resolve("models/stories260k-hf")));
        CommandLineRun run = CommandLineRun.in(scratch, "train", "job.yml", "out");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        Path report = scratch.resolve("out/report.html");

        assertThat(shown(report, "light.png", false)).doesNotContain("CONSOLE");
        assertThat(shown(report, "dark.png", true)).doesNotContain("CONSOLE");

        BufferedImage light = picture("light.png");
        BufferedImage dark = picture("dark.png");
        assertThat(share(light, 0xffffff)).as("paper is white").isGreaterThan(0.6);
        assertThat(share(dark, 0x14171a)).as("paper is dark").isGreaterThan(0.6);
        assertThat(share(light, BLUE_ON_WHITE)).as("curves and layers").isGreaterThan(0.001);
        assertThat(share(dark, BLUE_ON_BLACK)).as("curves and layers").isGreaterThan(0.001);
        assertThat(share(light, 0x1c1f23)).as("text").isGreaterThan(0.0005);
        assertThat(share(dark, 0xe6e8ea)).as("text").isGreaterThan(0.0005);
        keep("light.png");
        keep("dark.png");
    }

    /** For people to look at. */
    private void keep(String name) throws IOException {
        Path folder = Files.createDirectories(Path.of("target/report-pictures"));
        Files.write(folder.resolve(name), Files.readAllBytes(scratch.resolve(name)));
    }

    @Test
    void aPageThatComplainsIsNoticed() throws IOException, InterruptedException {
        Path page = scratch.resolve("page.html");
        Files.writeString(page, "<!doctype html><title>t</title><script>missing()</script>");
        assertThat(shown(page, "page.png", false)).contains("CONSOLE", "missing is not defined");
    }
}
