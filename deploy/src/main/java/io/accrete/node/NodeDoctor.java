package io.accrete.node;

import io.accrete.coordinator.JournalProbe;
import io.accrete.coordinator.http.Roots;
import io.accrete.coordinator.http.Tokens;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.tls.PemException;
import io.accrete.protocol.tls.TlsIdentity;
import io.accrete.worker.tensor.ComputeDevice;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/** Whether a node with given settings could work here. It asks, and changes nothing. */
public final class NodeDoctor {
    /** Between machines whose logs are to be read side by side. */
    private static final Duration CLOCKS_APART_MAX = Duration.ofSeconds(2);

    private static final int CONNECT_MILLIS = 2000;
    private static final Duration CERTIFICATE_MIN = Duration.ofDays(30);

    /** Those of the journal, of the lock of members, and some for a neighbour. */
    private static final int CONNECTIONS_MIN = 6;

    static final String NAME_A_SEED =
            "name one of its nodes with --seed HOST:PORT, where others reach it";

    private final NodeSettings settings;
    private final Clock clock;
    private final Optional<PortOwner> itself;
    private final List<HealthCheck> checks = new ArrayList<>();

    private NodeDoctor(NodeSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.itself = running(settings);
    }

    public static List<HealthCheck> look(NodeSettings settings, Clock clock) {
        NodeDoctor doctor = new NodeDoctor(settings, clock);
        doctor.settings();
        doctor.certificates();
        settings.http().ifPresent(http -> doctor.port("http", NodeKey.HTTP, http));
        doctor.port("cluster port", NodeKey.CLUSTER_BIND, settings.clusterBind());
        doctor.advertised();
        doctor.devices();
        doctor.seeds();
        if (settings.coordinates()) {
            doctor.journal();
            doctor.access();
        }
        return doctor.checks;
    }

    private void settings() {
        try {
            settings.check();
            checks.add(HealthCheck.well("settings", "fit together"));
        } catch (NodeRefusal e) {
            ill("settings", e);
        }
    }

    private void devices() {
        if (settings.gpus().isEmpty()) {
            return;
        }
        try {
            NodeDevices.of(settings).stream()
                    .filter(found -> found.device() instanceof ComputeDevice.Cuda)
                    .map(found -> "%s %s computes".formatted(found.device(), found.model()))
                    .forEach(text -> checks.add(HealthCheck.well("device", text)));
        } catch (NodeRefusal e) {
            ill("device", e);
        }
    }

    private void ill(String what, NodeRefusal refusal) {
        for (Problem problem : refusal.problems()) {
            String file = problem.file() == null ? "" : problem.file() + " ";
            checks.add(HealthCheck.ill(what, file + problem.message(), problem.fix()));
        }
    }

    private void certificates() {
        Encryption encryption = settings.encryption();
        try {
            NodeChecks.pem(encryption, clock.instant());
        } catch (NodeRefusal e) {
            ill("certificates", e);
        }
        Stream.concat(
                        encryption.http().stream(),
                        encryption.cluster().map(Encryption.Mutual::own).stream())
                .distinct()
                .forEach(this::ending);
    }

    private void ending(PemPair pair) {
        try {
            Instant now = clock.instant();
            Instant end = TlsIdentity.read(pair.certificate(), pair.key(), now).end();
            long days = Duration.between(now, end).toDays();
            checks.add(
                    new HealthCheck(
                            "certificates",
                            days >= CERTIFICATE_MIN.toDays(),
                            "%s is valid for %,d more days".formatted(pair.certificate(), days),
                            "have it renewed; a node reads replaced files by itself"));
            key(pair.key());
        } catch (PemException saidBefore) {
            return;
        }
    }

    /** Who has the key is the node. */
    private void key(Path file) {
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
            String found =
                    "%s has the rights %s".formatted(file, PosixFilePermissions.toString(rights));
            String fix = "chmod 600 " + file;
            checks.add(
                    rights.contains(PosixFilePermission.OTHERS_READ)
                            ? HealthCheck.ill("key", found, fix)
                            : rights.contains(PosixFilePermission.GROUP_READ)
                                    ? HealthCheck.note(
                                            "key",
                                            found,
                                            fix + ", unless its group may be the node")
                                    : HealthCheck.well("key", found));
        } catch (UnsupportedOperationException | IOException e) {
            checks.add(HealthCheck.well("key", "%s: its rights are not known".formatted(file)));
        }
    }

    /** What the node itself holds, where it runs already, is taken, and well. */
    private void port(String what, NodeKey key, Endpoint endpoint) {
        try {
            NodeChecks.free(key, endpoint);
            checks.add(HealthCheck.well(what, "%s is free".formatted(endpoint)));
        } catch (NodeRefusal e) {
            if (itself.isPresent() && itself.equals(PortOwner.of(endpoint.port()))) {
                checks.add(
                        HealthCheck.well(
                                what,
                                "%s is held by this node, which runs: %s"
                                        .formatted(endpoint, itself.get())));
            } else {
                ill(what, e);
            }
        }
    }

    /** The node that runs with these settings: it has all of their ports. */
    private static Optional<PortOwner> running(NodeSettings settings) {
        Optional<PortOwner> owner =
                PortOwner.of(settings.clusterBind().port()).filter(PortOwner::isNode);
        boolean hasAll =
                settings.http()
                        .filter(http -> http.port() != 0)
                        .map(http -> PortOwner.of(http.port()).equals(owner))
                        .orElse(true);
        return hasAll ? owner : Optional.empty();
    }

    /** Connects to itself as others would: through the name that it gives to them. */
    private void advertised() {
        Endpoint cluster = settings.cluster();
        try (ServerSocket own = new ServerSocket()) {
            own.setReuseAddress(true);
            InetSocketAddress bind =
                    new InetSocketAddress(
                            settings.clusterBind().address(), settings.clusterBind().port());
            if (isFree(own, bind)) {
                connect(new Endpoint(cluster.host(), port(cluster, own)));
            } else {
                connect(cluster);
            }
            checks.add(HealthCheck.well("advertised", "%s leads here".formatted(cluster)));
        } catch (UnknownHostException e) {
            ill("advertised", NodeSettings.unresolved(NodeKey.CLUSTER, cluster));
        } catch (IOException e) {
            checks.add(
                    HealthCheck.ill(
                            "advertised",
                            "%s does not lead to this machine: %s"
                                    .formatted(cluster, e.getMessage()),
                            "--cluster is the address under which other nodes reach this one; a"
                                    + " firewall or a missing port mapping may stand between"));
        }
    }

    private int port(Endpoint cluster, ServerSocket own) {
        return cluster.port() == 0 ? own.getLocalPort() : cluster.port();
    }

    private static boolean isFree(ServerSocket socket, InetSocketAddress bind) {
        try {
            socket.bind(bind);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    private static void connect(Endpoint endpoint) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(endpoint.address(), endpoint.port()), CONNECT_MILLIS);
        }
    }

    /** Nobody has to be there for a node that may found the cluster, which nobody here can know. */
    private void seeds() {
        boolean answered = false;
        SequencedMap<Endpoint, String> silent = new LinkedHashMap<>();
        for (Endpoint seed : settings.seeds()) {
            if (seed.equals(settings.cluster())) {
                continue;
            }
            try {
                connect(seed);
                answered = true;
                checks.add(HealthCheck.well("seed", "%s listens".formatted(seed)));
            } catch (UnknownHostException e) {
                ill("seed", NodeSettings.unresolved(NodeKey.SEED, seed));
            } catch (IOException e) {
                silent.put(seed, String.valueOf(e.getMessage()));
            }
        }
        String meaning =
                answered || !settings.coordinates()
                        ? "one that answers is enough to join; is that node down, or a firewall"
                                + " between?"
                        : "as it should be where this node is to be the first of a new cluster;"
                                + " otherwise start one there, or look for a firewall between";
        silent.forEach(
                (seed, why) ->
                        checks.add(
                                HealthCheck.note(
                                        "seed",
                                        "%s: nobody answers (%s)".formatted(seed, why),
                                        meaning)));
        if (!settings.coordinates() && !answered) {
            checks.add(
                    HealthCheck.ill(
                            "seed",
                            "no node of the cluster answers, and a worker cannot begin one",
                            "start `accrete serve`, or name another with --seed"));
        }
    }

    private void journal() {
        if (settings.journal().isEmpty()) {
            checks.add(new StateFolder(settings.state()).look(itself));
            return;
        }
        try {
            JournalProbe probe = JournalProbe.of(settings.journal().get(), clock);
            checks.add(
                    new HealthCheck(
                            "journal",
                            probe.hasTables() || probe.mayCreate(),
                            "PostgreSQL %s answers in %d ms, %s"
                                    .formatted(
                                            probe.version(),
                                            Duration.between(probe.asked(), probe.answered())
                                                    .toMillis(),
                                            probe.hasTables()
                                                    ? "and has the tables"
                                                    : "and has no tables yet"),
                            "let this user make tables there: GRANT CREATE ON SCHEMA public TO"
                                    + " USER"));
            if (settings.seeds().isEmpty() && itself.isEmpty() && probe.members() > 0) {
                checks.add(
                        HealthCheck.ill(
                                "seed",
                                "none is named, and %d nodes of a cluster work at this journal"
                                        .formatted(probe.members()),
                                NAME_A_SEED));
            }
            checks.add(
                    HealthCheck.atLeast(
                            "connections",
                            Optional.of((long) probe.connectionsFree()),
                            CONNECTIONS_MIN,
                            "%d free of those that PostgreSQL allows"
                                    .formatted(probe.connectionsFree()),
                            "raise max_connections there; a node takes 5"));
            checks.add(
                    clocks(
                            "the journal's",
                            ClockGap.of(
                                    probe.asked(),
                                    probe.answered(),
                                    probe.clock(),
                                    Duration.ZERO)));
        } catch (IOException e) {
            checks.add(
                    HealthCheck.ill(
                            "journal",
                            StorageFailure.sentence(e),
                            "look whether PostgreSQL runs there, and at user, password and"
                                    + " database in --journal"));
        }
    }

    /** How far another machine's clock is from this one's; ill only where that is certain. */
    public static HealthCheck clocks(String whose, ClockGap gap) {
        return gap.least().compareTo(CLOCKS_APART_MAX) <= 0
                ? HealthCheck.well(
                        "clocks",
                        "at most %.1f s apart from %s".formatted(seconds(gap.most()), whose))
                : HealthCheck.ill(
                        "clocks",
                        "at least %.1f s apart from %s".formatted(seconds(gap.least()), whose),
                        "have both keep time (chrony, systemd-timesyncd): certificates and logs go"
                                + " by it");
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private void access() {
        for (Path folder : settings.roots()) {
            try {
                Path root = Roots.of(List.of(folder), settings.state()).first();
                checks.add(
                        new HealthCheck(
                                "root",
                                Files.isWritable(root) && Files.isReadable(root),
                                "%s (%s)".formatted(root, Files.getFileStore(root).type()),
                                "let this user read and write there"));
            } catch (IOException e) {
                checks.add(
                        HealthCheck.ill(
                                "root",
                                StorageFailure.sentence(e),
                                "make it, or name another with --root"));
            }
        }
        settings.tokens().ifPresent(this::tokens);
    }

    private void tokens(Path file) {
        try {
            Tokens.read(file);
            checks.add(HealthCheck.well("tokens", file + " can be read"));
        } catch (IOException e) {
            checks.add(
                    HealthCheck.ill(
                            "tokens",
                            StorageFailure.sentence(e),
                            "mend the file, or name another with --tokens"));
        }
    }
}
