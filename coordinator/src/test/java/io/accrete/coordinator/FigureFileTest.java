package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.job.FigureQuery;
import io.accrete.protocol.http.FigurePage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

class FigureFileTest {
    private static final OptionalInt NONE = OptionalInt.empty();

    @TempDir private Path folder;

    /** Steps from 1 to 5000 with lines of any length, each tenth with a validation. */
    private List<String> written(Path file) throws IOException {
        Random random = new Random(1);
        List<String> lines = new ArrayList<>();
        for (int step = 1; step <= 5000; step++) {
            String filler = "x".repeat(random.nextInt(300));
            lines.add("{\"step\":%d,\"filler\":\"%s\"}".formatted(step, filler));
            if (step % 10 == 0) {
                lines.add("{\"step\":%d,\"validation\":{\"loss\":1.5}}".formatted(step));
            }
        }
        Files.writeString(file, String.join("\n", lines) + "\n{\"step\":5001,\"fil");
        return lines;
    }

    private static int step(String line) {
        return Integer.parseInt(line.replaceFirst("^.\"step\":(\\d+),.*", "$1"));
    }

    private static List<String> text(FigurePage page) {
        return page.lines().stream().map(Object::toString).toList();
    }

    /** As a filter of all lines says. */
    @Test
    void anyRangeIsWhatAFilterGives() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        List<String> lines = written(file);
        Random random = new Random(2);
        for (int trial = 0; trial < 100; trial++) {
            int after = random.nextInt(5100);
            int until = after + random.nextInt(200);
            FigurePage page =
                    FigureFile.read(
                            file,
                            new FigureQuery(OptionalInt.of(after), OptionalInt.of(until), 10_000));
            assertThat(text(page))
                    .as("after %d until %d", after, until)
                    .isEqualTo(
                            lines.stream()
                                    .filter(line -> step(line) > after && step(line) <= until)
                                    .toList());
            assertThat(page.next()).isEmpty();
        }
    }

    @Test
    void pagesFollowEachOtherWithoutTearingAStep() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        List<String> lines = written(file);
        List<String> read = new ArrayList<>();
        OptionalInt after = NONE;
        int pages = 0;
        do {
            FigurePage page = FigureFile.read(file, new FigureQuery(after, NONE, 7));
            assertThat(page.lines().size()).isBetween(1, 8);
            read.addAll(text(page));
            after = page.next();
            pages++;
        } while (after.isPresent());
        assertThat(read).isEqualTo(lines);
        assertThat(pages).isGreaterThan(500);
    }

    @Test
    void anEmptyFileHasNoFigures() throws IOException {
        Path file = Files.createFile(folder.resolve("metrics.jsonl"));
        FigurePage page = FigureFile.read(file, new FigureQuery(NONE, NONE, 1));
        assertThat(page.lines()).isEmpty();
        assertThat(page.next()).isEmpty();
    }
}
