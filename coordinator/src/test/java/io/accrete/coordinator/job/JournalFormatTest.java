package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.SerializerWithStringManifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;

import io.accrete.protocol.job.JournalEvent;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds what stands in journals that are out there: {@code src/test/resources/journal/v1} has each
 * event as version 0.1 wrote it, and as JSON for readers. Those files never change. A new event
 * gets its files from a run with {@code -Djournal.write=src/test/resources/journal/v1}.
 */
class JournalFormatTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Serialization SERIALIZATION =
            SerializationExtension.get(Adapter.toClassic(KIT.system()));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CBORMapper CBOR = new CBORMapper();
    private static final String WRITE = System.getProperty("journal.write", "");

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    static Stream<Map.Entry<String, JournalEvent>> examples() {
        return JournalExamples.all().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void whatWasWrittenIsReadAsItWasMeant(Map.Entry<String, JournalEvent> example)
            throws IOException {
        var serializer =
                (SerializerWithStringManifest) SERIALIZATION.findSerializerFor(example.getValue());
        byte[] written = serializer.toBinary(example.getValue());
        if (!WRITE.isEmpty()) {
            Path file = Path.of(WRITE).resolve(example.getKey() + ".cbor");
            Files.write(file, written);
            Files.writeString(
                    file.resolveSibling(example.getKey() + ".json"),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(CBOR.readTree(written))
                            + "\n");
        }

        byte[] golden = golden(example.getKey() + ".cbor");

        assertThat(serializer.fromBinary(golden, "")).isEqualTo(example.getValue());
        assertThat(serializer.identifier()).isEqualTo(4711);
        assertThat(serializer.manifest(example.getValue())).as("no class name").isEmpty();
        JsonNode readable = JSON.readTree(golden(example.getKey() + ".json"));
        assertThat(readable.path("event").asText()).isEqualTo(example.getKey());
        assertThat(JSON.readTree(JSON.writeValueAsString(CBOR.readTree(golden))))
                .isEqualTo(readable);
    }

    @Test
    void everyEventHasAnExample() {
        Set<Class<?>> examples =
                JournalExamples.all().values().stream()
                        .map(Object::getClass)
                        .collect(Collectors.toSet());
        assertThat(examples).containsExactlyInAnyOrderElementsOf(events());
    }

    private static Set<Class<?>> events() {
        return Arrays.stream(JournalEvent.class.getPermittedSubclasses())
                .flatMap(group -> Arrays.stream(group.getPermittedSubclasses()))
                .collect(Collectors.toSet());
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream file =
                JournalFormatTest.class.getResourceAsStream("/journal/v1/" + name)) {
            assertThat(file)
                    .as("the golden file journal/v1/%s; see the comment of this test", name)
                    .isNotNull();
            return file.readAllBytes();
        }
    }
}
