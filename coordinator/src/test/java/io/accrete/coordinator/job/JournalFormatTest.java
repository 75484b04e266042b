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
 * event as version 0.1 first wrote it, and as JSON for readers, {@code v2} those that have gained
 * fields, {@code v3} those of trainings, {@code v4} those that know users, {@code v5} those that
 * know kinds, {@code v6} those of trainings that go back, {@code v7} those of trainings that know
 * their best state. Those files never change. A new event gets its files from a run with {@code
 * -Djournal.write=src/test/resources/journal} in an empty folder.
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

    /**
     * @param version the folder of its files: the first version that wrote it so
     */
    record Example(String version, String name, JournalEvent event) {}

    static Stream<Example> examples() {
        return Stream.of(
                        examples("v1", JournalExamples.all()),
                        examples("v2", JournalExamples.grown()),
                        examples("v3", JournalExamples.ofTrainings()),
                        examples("v4", JournalExamples.ofUsers()),
                        examples("v5", JournalExamples.ofKinds()),
                        examples("v6", JournalExamples.ofGuards()),
                        examples("v7", JournalExamples.ofBest()))
                .flatMap(all -> all);
    }

    private static Stream<Example> examples(String version, Map<String, JournalEvent> events) {
        return events.entrySet().stream()
                .map(event -> new Example(version, event.getKey(), event.getValue()));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void whatWasWrittenIsReadAsItWasMeant(Example example) throws IOException {
        var serializer =
                (SerializerWithStringManifest) SERIALIZATION.findSerializerFor(example.event());
        byte[] written = serializer.toBinary(example.event());
        if (!WRITE.isEmpty()) {
            Path file = Path.of(WRITE).resolve(example.version()).resolve(example.name() + ".cbor");
            Files.write(file, written);
            Files.writeString(
                    file.resolveSibling(example.name() + ".json"),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(CBOR.readTree(written))
                            + "\n");
        }

        byte[] golden = golden(example.version(), example.name() + ".cbor");

        assertThat(serializer.fromBinary(golden, "")).isEqualTo(example.event());
        assertThat(serializer.identifier()).isEqualTo(4711);
        assertThat(serializer.manifest(example.event())).as("no class name").isEmpty();
        JsonNode readable = JSON.readTree(golden(example.version(), example.name() + ".json"));
        assertThat(readable.path("event").asText()).isEqualTo(example.name());
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

    private static byte[] golden(String version, String name) throws IOException {
        try (InputStream file =
                JournalFormatTest.class.getResourceAsStream(
                        "/journal/%s/%s".formatted(version, name))) {
            assertThat(file)
                    .as(
                            "the golden file journal/%s/%s; see the comment of this test",
                            version, name)
                    .isNotNull();
            return file.readAllBytes();
        }
    }
}
