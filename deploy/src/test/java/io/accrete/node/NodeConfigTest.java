package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.job.Problem;
import io.accrete.worker.tensor.ComputeDevice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class NodeConfigTest {
    private static final Path SAMPLE = Path.of("node.conf").toAbsolutePath();
    private static final int WORKERS = 3;

    @TempDir private Path folder;

    private NodeConfig read(
            Map<NodeKey, List<String>> flags, Map<String, String> environment, String text)
            throws IOException {
        Files.writeString(folder.resolve("node.conf"), text);
        return NodeConfig.read(true, flags, environment, folder, Optional.of("node.conf"));
    }

    private NodeSettings settings(NodeConfig config) throws NodeRefusal {
        return config.settings(folder, WORKERS);
    }

    private Problem refused(String text) {
        NodeRefusal refusal =
                catchThrowableOfType(
                        NodeRefusal.class, () -> settings(read(Map.of(), Map.of(), text)));
        assertThat(refusal).as(text).isNotNull();
        assertThat(refusal.problems()).hasSize(1);
        return refusal.problems().getFirst();
    }

    @Test
    void aFlagComesBeforeTheEnvironmentBeforeTheFileBeforeTheDefault() throws IOException {
        String file = "http = \"h:1\"\ncluster = \"f:1\"\nstate = s\n";
        Map<String, String> environment =
                Map.of("ACCRETE_HTTP", "h:2", "ACCRETE_CLUSTER", "c:2", "ACCRETE_SEED", "a:1, b:2");
        NodeSettings settings =
                settings(read(Map.of(NodeKey.HTTP, List.of("h:3")), environment, file));

        assertThat(settings.http()).hasValue(new Endpoint("h", 3));
        assertThat(settings.cluster()).isEqualTo(new Endpoint("c", 2));
        assertThat(settings.clusterBind()).isEqualTo(settings.cluster());
        assertThat(settings.seeds()).containsExactly(new Endpoint("a", 1), new Endpoint("b", 2));
        assertThat(settings.state()).isEqualTo(folder.resolve("s"));
        assertThat(settings.workers()).isEqualTo(WORKERS);
        assertThat(settings.roots()).containsExactly(folder);
    }

    @Test
    void theFileMayBeNamedByTheEnvironment() throws IOException {
        Files.writeString(folder.resolve("n.conf"), "workers = 7");
        NodeConfig config =
                NodeConfig.read(
                        false,
                        Map.of(),
                        Map.of("ACCRETE_CONFIG", "n.conf"),
                        folder,
                        Optional.empty());

        assertThat(settings(config).workers()).isEqualTo(7);
    }

    @Test
    void aWorkerPassesOverWhatIsForServers() throws IOException {
        Files.writeString(folder.resolve("n.conf"), "http = nonsense, seed = \"a:1\"");
        NodeConfig config =
                NodeConfig.read(false, Map.of(), Map.of(), folder, Optional.of("n.conf"));

        assertThat(settings(config).http()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "\\nhtpp = 1; CLU-101; 2; did you mean 'http'?",
                "accrete.coordinator.leese = 3s; CLU-101; 1; 'accrete.coordinator.lease'",
                "zzzzzz = 1; CLU-101; 1; there are cluster, cluster-bind",
                "accrete.coordinator.lease = soon; CLU-102; 1; soon",
                "accrete.coordinator.lease = 0s; CLU-102; 1; from 1 ms",
                "accrete.http.heartbeat = 0s; CLU-102; ; heartbeat",
                "accrete.worker.slots = 0; CLU-102; ; at least 1",
                "workers = many; CLU-102; 1; 'many' is no number",
                "workers = [1, 2]; CLU-102; 1; a list",
                "http { port = 1 }; CLU-102; 1; a section",
                "cluster = nonsense; CLU-102; 1; no HOST:PORT",
                "log-format = xml; CLU-102; 1; text|json",
                "insecure = maybe; CLU-102; 1; 'maybe'",
                "tls-cert = a; CLU-104; 1; set tls-cert and tls-key together",
                "cluster-ca = a; CLU-104; 1; cluster-cert and cluster-key and cluster-ca",
                "a = {; CLU-103; ; node.conf",
            })
    void mistakesAreSaidWithTheirLine(String text, String code, Integer line, String sentence) {
        Problem problem = refused(text.replace("\\n", "\n"));

        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.render()).contains(sentence);
        if (line != null) {
            assertThat(problem.line()).isEqualTo(line);
        }
        assertThat(problem.file()).endsWith("node.conf");
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertThat(
                        catchThrowableOfType(
                                NodeRefusal.class,
                                () ->
                                        NodeConfig.read(
                                                true,
                                                Map.of(),
                                                Map.of(),
                                                folder,
                                                Optional.of("none.conf"))))
                .hasMessage("no such file");
    }

    @Test
    void whatIsInForceIsShownWithoutPasswordsAndReadsBack() throws IOException {
        String journal = "jdbc:postgresql://h/d?user=u&password=hunter2&x=1";
        NodeConfig config =
                read(
                        Map.of(NodeKey.SEED, List.of("a:1", "b:2")),
                        Map.of("ACCRETE_WORKERS", "5"),
                        "journal = \"%s\"\naccrete.coordinator.lease = 9s".formatted(journal));
        String shown = String.join("\n", config.lines(settings(config)));

        assertThat(shown)
                .doesNotContain("hunter2")
                .contains("seed = [\"a:1\", \"b:2\"]  # --seed")
                .contains("workers = \"5\"  # ACCRETE_WORKERS")
                .contains("root = [\"%s\"]  # default".formatted(folder))
                .contains("node.conf:1")
                .contains("accrete.coordinator.lease = \"9s\"");
        NodeSettings again = settings(read(Map.of(), Map.of(), shown));
        NodeSettings first = settings(config);
        assertThat(again.seeds()).isEqualTo(first.seeds());
        assertThat(again.workers()).isEqualTo(5);
        assertThat(again.bounds()).isEqualTo(first.bounds());
    }

    @Test
    void eachGpuIsAWorkerBesideThoseOnTheProcessor() throws IOException {
        NodeSettings both =
                settings(read(Map.of(), Map.of("ACCRETE_DEVICES", "cpu, cuda:1,cuda:0"), ""));
        assertThat(both.workers()).isPositive();
        assertThat(both.gpus())
                .containsExactly(new ComputeDevice.Cuda(1), new ComputeDevice.Cuda(0));
        NodeSettings alone = settings(read(Map.of(), Map.of(), "devices = \"cuda:0\""));
        assertThat(alone.workers()).isZero();
        assertThat(alone.gpus()).containsExactly(new ComputeDevice.Cuda(0));
    }

    @Test
    void devicesAndWorkersThatContradictEachOtherAreRefused() {
        assertThatThrownBy(
                        () -> settings(read(Map.of(), Map.of(), "devices=[\"cuda:0\"]\nworkers=3")))
                .hasMessageContaining("`devices` names no cpu beside the GPUs");
        assertThatThrownBy(() -> settings(read(Map.of(), Map.of(), "devices=[cpu]\nworkers=0")))
                .hasMessageContaining("`workers` is 0");
        assertThatThrownBy(() -> settings(read(Map.of(), Map.of(), "devices=\"cuda:0,cuda:0\"")))
                .hasMessageContaining("names one twice");
        assertThatThrownBy(() -> settings(read(Map.of(), Map.of(), "devices=\"gpu\"")))
                .hasMessageContaining("a device is cpu or cuda:N");
    }

    @Test
    void theSampleIsTheDefaults() throws IOException {
        NodeConfig sample =
                NodeConfig.read(true, Map.of(), Map.of(), folder, Optional.of(SAMPLE.toString()));
        NodeConfig none = NodeConfig.read(true, Map.of(), Map.of(), folder, Optional.empty());
        NodeSettings expected = settings(none);

        assertThat(sample.bounds().entrySet()).isNotEmpty();
        sample.bounds()
                .entrySet()
                .forEach(
                        entry ->
                                assertThat(entry.getValue().unwrapped())
                                        .as(entry.getKey())
                                        .isEqualTo(
                                                ConfigFactory.defaultReference()
                                                        .getValue(entry.getKey())
                                                        .unwrapped()));
        assertThat(settings(sample))
                .usingRecursiveComparison()
                .ignoringFields("bounds")
                .isEqualTo(expected);
    }

    @Test
    void theSampleHasEveryKeyAndItsExamplesCanBeRead() throws IOException {
        String text = Files.readString(SAMPLE);
        Matcher keys = Pattern.compile("(?m)^(?:# )?([a-z-]+) = ").matcher(text);
        assertThat(keys.results().map(key -> key.group(1)).toList())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(NodeKey.values()).map(NodeKey::inFile).toList());

        String uncommented = text.replaceAll("(?m)^# ([a-z-]+ = )", "$1");
        NodeSettings all = settings(read(Map.of(), Map.of(), uncommented));
        assertThat(all.seeds()).hasSize(3);
        assertThat(all.roots()).hasSize(2);
        assertThat(all.encryption().cluster()).isPresent();
        assertThat(all.encryption().http()).isPresent();
    }
}
