package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.train.MetricsMark;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class MetricsLogTest {
    @TempDir private Path folder;
    private Path file;
    private MetricsLog log;

    @BeforeEach
    void open() {
        file = folder.resolve("metrics.jsonl");
        log = new MetricsLog(file);
    }

    @Test
    void aFileThatHasAllThatIsKnownToBeWrittenCanBeGoneOnWith() throws IOException {
        MetricsMark tail = MetricsMark.from(2).with("é\n").with("b\n").written(5).with("c\n");
        assertThat(tail.unwritten()).isEqualTo("b\nc\n");
        assertThat(tail.inFile()).isEqualTo(5);
        for (String whole : new String[] {"x\né\n", "y\né\nb\n", "x\né\nb\nc\n", "x\né\nother\n"}) {
            Files.writeString(file, whole);
            assertThat(log.has(tail)).as(whole).isTrue();
        }
        for (String other : new String[] {"", "x\né", "x\ne\nb\nc\n"}) {
            Files.writeString(file, other);
            assertThat(log.has(tail)).as(other).isFalse();
        }
        Files.delete(file);
        assertThat(log.has(tail)).isFalse();
    }

    @Test
    void whereNothingIsWrittenNoFileIsNeeded() throws IOException {
        assertThat(log.has(MetricsMark.from(0))).isTrue();
        assertThat(log.has(MetricsMark.from(0).with("a\n"))).isTrue();
    }

    @Test
    void whatWasLeftUnwrittenIsWrittenInItsPlace() throws IOException {
        Files.writeString(file, "a\nb\nhalf of");
        MetricsMark tail = MetricsMark.from(0).with("a\n").written(2).with("b\n").with("c\n");
        log.cutTo(tail.inFile());
        log.add(tail.unwritten());
        assertThat(log.write()).isEqualTo(6);
        assertThat(file).hasContent("a\nb\nc\n");
    }

    @Test
    void linesThatADiskDoesNotTakeAreNotCarriedForEver() {
        MetricsMark tail = MetricsMark.from(0);
        String line = "x".repeat(999) + "\n";
        for (int i = 0; i < 100; i++) {
            tail = tail.with(line);
        }
        assertThat(tail.unwritten()).isEqualTo(line.repeat(65));
        assertThat(tail.inFile()).isEqualTo(35_000);
    }
}
