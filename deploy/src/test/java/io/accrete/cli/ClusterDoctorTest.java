package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.Endpoint;
import io.accrete.node.FreePort;
import io.accrete.node.Node;
import io.accrete.node.NodeSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the doctor says of a cluster that runs. */
class ClusterDoctorTest {
    @TempDir private Path folder;

    private Map<String, JsonNode> checks(Node node, String... options) {
        CommandLineRun run =
                CommandLineRun.in(
                        folder,
                        Stream.concat(
                                        Stream.of(
                                                "doctor",
                                                "--json",
                                                "--server",
                                                "http://" + node.http().orElseThrow()),
                                        Stream.of(options))
                                .toList());
        Map<String, JsonNode> checks = new TreeMap<>();
        run.result().get("checks").forEach(check -> checks.put(check.get("what").asText(), check));
        return checks;
    }

    private static Endpoint free() {
        return new Endpoint("127.0.0.1", FreePort.next());
    }

    private Node start(String version) throws Exception {
        return start(version, new Endpoint("127.0.0.1", 0));
    }

    private Node start(String version, Endpoint cluster) throws Exception {
        return Node.start(
                new NodeSettings(
                        Optional.of(new Endpoint("127.0.0.1", 0)),
                        cluster,
                        List.of(),
                        Optional.empty(),
                        folder.resolve("state"),
                        List.of(folder),
                        1,
                        Optional.empty(),
                        false),
                version);
    }

    private static JsonNode get(Map<String, JsonNode> checks, String what) {
        return Objects.requireNonNull(checks.get(what), what);
    }

    private static void assertIll(JsonNode check, String found) {
        assertThat(check.get("ok").asBoolean()).as("%s", check).isFalse();
        assertThat(check.get("found").asText()).contains(found);
        assertThat(check.get("fix").asText()).isNotEmpty();
    }

    @Test
    void aClusterThatIsWellIsSaidToBe() throws Exception {
        try (Node node = start(Version.number())) {
            Map<String, JsonNode> checks = checks(node);

            for (String what :
                    List.of(
                            "version",
                            "clocks",
                            "coordinator",
                            "jobs",
                            "node",
                            "majority",
                            "folders")) {
                assertThat(get(checks, what).get("ok").asBoolean()).as("%s", checks).isTrue();
            }
        }
    }

    @Test
    void anotherVersionIsSaid() throws Exception {
        try (Node node = start("0.0.7")) {
            assertIll(get(checks(node), "version"), "has 0.0.7, and this is " + Version.number());
        }
    }

    @Test
    void anotherVersionOfAnotherNodeIsSaid() throws Exception {
        Endpoint seed = free();
        try (Node node = start(Version.number(), seed);
                Node worker =
                        Node.start(
                                new NodeSettings(
                                        Optional.empty(),
                                        free(),
                                        List.of(seed),
                                        Optional.empty(),
                                        folder,
                                        List.of(),
                                        1,
                                        Optional.empty(),
                                        false),
                                "0.0.8")) {
            assertThat(worker.http()).isEmpty();
            assertIll(get(checks(node), "version"), "has 0.0.8, and this is " + Version.number());
        }
    }

    @Test
    void rootsOfThisMachineAreComparedWithThoseOfTheNode() throws Exception {
        try (Node node = start(Version.number())) {
            String[] asNode = {"--http", "127.0.0.1:0", "--cluster", "127.0.0.1:0"};
            assertThat(get(checks(node, asNode), "folders").get("found").asText())
                    .startsWith(folder.toRealPath() + " here is what ");
            assertThat(get(checks(node, asNode), "roots").get("state").asText()).isEqualTo("well");

            Path other = Files.createDirectories(folder.resolve("other"));
            String[] elsewhere =
                    Stream.concat(Stream.of(asNode), Stream.of("--root", other + ""))
                            .toArray(String[]::new);
            assertIll(
                    get(checks(node, elsewhere), "roots"),
                    "[%s] here, [%s] at ".formatted(other.toRealPath(), folder.toRealPath()));
        }
    }

    /** As one that was killed leaves it. */
    @Test
    void theMarkOfAnotherStartIsNone() throws Exception {
        try (Node node = start(Version.number())) {
            try (Stream<Path> marks = Files.list(folder.resolve(".accrete-nodes"))) {
                Files.writeString(marks.findFirst().orElseThrow(), "0");
            }

            assertIll(get(checks(node), "folders"), "finds nothing of its own in its root");
        }
    }

    @Test
    void aNodeThatLeavesTakesItsMarkAlong() throws Exception {
        Path marks = folder.resolve(".accrete-nodes");
        try (Node node = start(Version.number())) {
            assertThat(node.http()).isPresent();
            assertThat(marks).isDirectory();
        }
        assertThat(marks).doesNotExist();
    }
}
