package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.node.LogFormat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

class LogLineTest {
    private static final Instant TIME = Instant.parse("2026-11-29T12:00:00.250Z");

    private static String line(
            LogFormat format, Map<String, String> about, @Nullable Throwable failure) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent(
                        "",
                        context.getLogger("io.accrete.worker.TaskThread"),
                        Level.INFO,
                        "shard {}\n\"done\"",
                        failure,
                        new Object[] {3});
        event.setInstant(TIME);
        event.setMDCPropertyMap(about);
        event.addKeyValuePair(new KeyValuePair("colour", "red"));
        event.addKeyValuePair(new KeyValuePair("worker", "w"));
        LogLine encoder = new LogLine(format);
        encoder.setContext(context);
        encoder.start();
        return new String(encoder.encode(event), UTF_8);
    }

    @Test
    void anObjectHasWhatItIsAbout() throws IOException {
        String line =
                line(
                        LogFormat.JSON,
                        Map.of("job", "m-1", "task", "shard 3", "epoch", "1-7", "akka", "x"),
                        null);

        assertThat(line).endsWith("}\n").doesNotContain("}\n{");
        JsonNode object = new ObjectMapper().readTree(line);
        assertThat(object.fieldNames())
                .toIterable()
                .containsExactlyElementsOf(
                        List.of(
                                "time", "level", "logger", "message", "job", "task", "epoch",
                                "worker"));
        assertThat(object.get("time").asText()).isEqualTo("2026-11-29T12:00:00.250Z");
        assertThat(object.get("message").asText()).isEqualTo("shard 3\n\"done\"");
    }

    @Test
    void aFailureStaysOnTheLineOfItsObject() throws IOException {
        String line = line(LogFormat.JSON, Map.of(), new IOException("full"));

        assertThat(line.lines()).hasSize(1);
        assertThat(new ObjectMapper().readTree(line).get("trace").asText())
                .startsWith("java.io.IOException: full")
                .contains("at io.accrete.cli.LogLineTest");
    }

    @Test
    void aTextEndsWithWhatItIsAbout() {
        assertThat(line(LogFormat.TEXT, Map.of("job", "m-1"), null))
                .isEqualTo(
                        "2026-11-29T12:00:00.250Z INFO  TaskThread: shard 3\n\"done\" [job=m-1"
                                + " worker=w]\n");
        assertThat(line(LogFormat.TEXT, Map.of(), new IOException("full")))
                .contains("java.io.IOException: full");
    }
}
