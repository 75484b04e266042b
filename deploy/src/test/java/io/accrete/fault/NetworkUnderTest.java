package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.fault.ClusterUnderTest.Place;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network on this machine: each node in a network namespace of its own, all on one bridge, the
 * database and the test on the bridge's address. Needs root and iproute2.
 */
final class NetworkUnderTest implements AutoCloseable {
    private static final String BRIDGE = "accrete-test";
    private static final String NET = "10.213.97.";
    private static final int OUTSIDE = 254;

    private record Cut(String namespace, String address) {}

    private final List<String> namespaces = new ArrayList<>();
    private final List<Cut> cuts = new ArrayList<>();

    private NetworkUnderTest() {}

    /** Skips the test where it cannot be made. */
    static NetworkUnderTest of(int nodes) throws IOException, InterruptedException {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && (Files.isExecutable(Path.of("/usr/sbin/ip"))
                                || Files.isExecutable(Path.of("/sbin/ip"))),
                "a network of namespaces needs root and iproute2");
        NetworkUnderTest network = new NetworkUnderTest();
        run("ip", "link", "delete", BRIDGE);
        assumeTrue(
                run("ip", "link", "add", BRIDGE, "type", "bridge") == 0,
                "no bridge can be made here");
        must("ip", "address", "add", NET + OUTSIDE + "/24", "dev", BRIDGE);
        must("ip", "link", "set", BRIDGE, "up");
        for (int node = 1; node <= nodes; node++) {
            network.connect(node);
        }
        return network;
    }

    private void connect(int node) throws IOException, InterruptedException {
        String namespace = BRIDGE + "-" + node;
        String inside = "acc-in-" + node;
        String outside = "acc-out-" + node;
        run("ip", "netns", "delete", namespace);
        run("ip", "link", "delete", outside);
        must("ip", "netns", "add", namespace);
        namespaces.add(namespace);
        must("ip", "link", "add", outside, "type", "veth", "peer", "name", inside);
        must("ip", "link", "set", inside, "netns", namespace);
        must("ip", "link", "set", outside, "master", BRIDGE, "up");
        must("ip", "-n", namespace, "address", "add", NET + node + "/24", "dev", inside);
        must("ip", "-n", namespace, "link", "set", inside, "up");
        must("ip", "-n", namespace, "link", "set", "lo", "up");
    }

    /** Where the database and the test are. */
    String outside() {
        return NET + OUTSIDE;
    }

    List<Place> places() {
        List<Place> places = new ArrayList<>();
        for (int node = 1; node <= namespaces.size(); node++) {
            places.add(
                    new Place(
                            NET + node, List.of("ip", "netns", "exec", namespaces.get(node - 1))));
        }
        return places;
    }

    /** Nothing of what the node sends to the other reaches it, so that they hear no more. */
    void cut(int node, int other) throws IOException, InterruptedException {
        cut(node, NET + other);
    }

    void cutFromDatabase(int node) throws IOException, InterruptedException {
        cut(node, outside());
    }

    private void cut(int node, String address) throws IOException, InterruptedException {
        Cut cut = new Cut(namespaces.get(node - 1), address);
        must("ip", "-n", cut.namespace(), "route", "add", "blackhole", address);
        cuts.add(cut);
    }

    /** All that was cut. */
    void mend() throws IOException, InterruptedException {
        for (Cut cut : cuts) {
            must("ip", "-n", cut.namespace(), "route", "delete", "blackhole", cut.address());
        }
        cuts.clear();
    }

    private static void must(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), said).isZero();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            for (int node = 1; node <= namespaces.size(); node++) {
                run("ip", "netns", "delete", namespaces.get(node - 1));
                // The namespace lives until the last process in it has ended; its cable need not.
                run("ip", "link", "delete", "acc-out-" + node);
            }
            run("ip", "link", "delete", BRIDGE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
