package io.accrete.node;

import akka.actor.Address;
import akka.actor.AddressFromURIString;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.Join;
import akka.cluster.typed.JoinSeedNodes;
import akka.cluster.typed.SingletonActor;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.ServerBinding;

import com.typesafe.config.Config;

import io.accrete.coordinator.CoordinatorGuardian;
import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.JobsClient;
import io.accrete.coordinator.MembershipLock;
import io.accrete.coordinator.ServerJournal;
import io.accrete.coordinator.ServerPlans;
import io.accrete.coordinator.http.ApiServer;
import io.accrete.coordinator.http.Roots;
import io.accrete.coordinator.http.Tokens;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.tensor.PresentDevice;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One running node. */
public final class Node implements AutoCloseable {
    static final String JOIN_WITHIN = "accrete.node.join-within";
    static final String SYSTEM = "accrete";
    private static final Clock CLOCK = Clock.systemUTC();
    private static final Duration JOIN_LOOK = Duration.ofMillis(100);
    private static final Duration END_LOOK = Duration.ofSeconds(1);
    private static final Duration BIND = Duration.ofSeconds(20);

    private final ActorSystem<Void> system;
    private final Optional<ServerJournal> journal;
    private final Optional<LinkServer> link;
    private final Optional<Endpoint> http;
    private boolean closed;

    private Node(
            ActorSystem<Void> system,
            Optional<ServerJournal> journal,
            Optional<LinkServer> link,
            Optional<Endpoint> http) {
        this.system = system;
        this.journal = journal;
        this.link = link;
        this.http = http;
    }

    /**
     * Returns when the node serves, or has joined.
     *
     * @param version of the program
     * @throws NodeRefusal where settings, this machine, the journal or the cluster do not allow it
     */
    public static Node start(NodeSettings settings, String version)
            throws IOException, InterruptedException {
        settings.check();
        NodeChecks.pem(settings.encryption(), CLOCK.instant());
        if (settings.http().isPresent()) {
            NodeChecks.free(NodeKey.HTTP, settings.http().get());
        }
        NodeChecks.free(NodeKey.CLUSTER_BIND, settings.clusterBind());
        List<PresentDevice> devices = NodeDevices.of(settings);
        Optional<Access> access =
                settings.coordinates() ? Optional.of(Access.of(settings)) : Optional.empty();
        Optional<ServerJournal> journal =
                settings.coordinates() ? Optional.of(journal(settings)) : Optional.empty();
        Optional<LinkServer> link = Optional.empty();
        try {
            Config config = SystemConfig.of(settings, journal, version);
            link = NodeLink.open(settings, config);
            return start(settings, version, devices, config, access, journal, link);
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (link.isPresent()) {
                link.get().close();
            }
            if (journal.isPresent()) {
                journal.get().close();
            }
            throw e;
        }
    }

    private static Node start(
            NodeSettings settings,
            String version,
            List<PresentDevice> devices,
            Config config,
            Optional<Access> access,
            Optional<ServerJournal> journal,
            Optional<LinkServer> link)
            throws IOException, InterruptedException {
        ActorSystem<Void> system =
                ActorSystem.create(
                        NodeGuardian.create(
                                settings.coordinates(),
                                settings.cluster().toString(),
                                devices,
                                link),
                        SYSTEM,
                        config);
        join(system, settings, journal.flatMap(ServerJournal::membership));
        Optional<ServerBinding> binding = Optional.empty();
        if (access.isPresent() && settings.http().isPresent()) {
            Endpoint http = settings.http().get();
            binding =
                    Optional.of(
                            bound(
                                    ApiServer.bind(
                                            system,
                                            jobs(system),
                                            ServerPlans.of(system),
                                            http.host(),
                                            http.port(),
                                            access.get().tls(),
                                            access.get().tokens(),
                                            access.get().roots(),
                                            version),
                                    http,
                                    system));
        }
        return new Node(
                system,
                journal,
                link,
                binding.flatMap(
                        bound ->
                                settings.http()
                                        .map(
                                                http ->
                                                        new Endpoint(
                                                                http.host(),
                                                                bound.localAddress().getPort()))));
    }

    /** Who may come in, how, and where their files may lie. */
    private record Access(Roots roots, Tokens tokens, Optional<HttpsConnectionContext> tls) {

        static Access of(NodeSettings settings) throws NodeRefusal {
            try {
                Optional<HttpsConnectionContext> tls = Optional.empty();
                if (settings.encryption().http().isPresent()) {
                    ServerTls server = ServerTls.of(settings.encryption().http().get(), CLOCK);
                    tls = Optional.of(ConnectionContext.httpsServer(server::engine));
                }
                return new Access(
                        Roots.of(settings.roots(), settings.state()),
                        settings.tokens().isPresent()
                                ? Tokens.read(settings.tokens().get())
                                : Tokens.none(),
                        tls);
            } catch (IOException e) {
                throw NodeRefusal.of(
                        NodeRefusal.Kind.SETTINGS, "CLU-107", StorageFailure.sentence(e), "");
            }
        }
    }

    private static ServerJournal journal(NodeSettings settings) throws NodeRefusal {
        try {
            return settings.journal().isPresent()
                    ? ServerJournal.at(settings.journal().get())
                    : ServerJournal.in(settings.state());
        } catch (IOException e) {
            throw NodeRefusal.of(
                    settings.journal().isPresent()
                            ? NodeRefusal.Kind.AWAY
                            : NodeRefusal.Kind.MACHINE,
                    "CLU-107",
                    StorageFailure.sentence(e),
                    "");
        }
    }

    /**
     * Blocks until this node is a member. It founds a cluster only where that cannot be a second
     * one; otherwise it asks the seeds, until the configured time to join is over.
     */
    private static void join(
            ActorSystem<?> system, NodeSettings settings, Optional<MembershipLock> membership)
            throws IOException, InterruptedException {
        Cluster cluster = Cluster.get(system);
        Address self = cluster.selfMember().address();
        boolean founds = membership.isEmpty() && settings.seeds().isEmpty();
        CountDownLatch ended = new CountDownLatch(1);
        system.getWhenTerminated().whenComplete((_, _) -> ended.countDown());
        try {
            cluster.manager()
                    .tell(founds ? Join.create(self) : new JoinSeedNodes(seeds(settings, self)));
            while (!cluster.selfMember().status().equals(MemberStatus.up())) {
                if (!founds && membership.isPresent() && membership.get().mayFound()) {
                    founds = true;
                    cluster.manager().tell(Join.create(self));
                }
                if (ended.await(JOIN_LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw notFound(settings);
                }
            }
            if (membership.isPresent()) {
                membership.get().join(() -> giveUp(system));
            }
        } catch (SQLException e) {
            system.terminate();
            throw NodeRefusal.of(
                    NodeRefusal.Kind.AWAY,
                    "CLU-107",
                    "the membership lock in the journal: " + e.getMessage(),
                    "");
        }
    }

    /** As where the cluster went on without this node: started again it joins. */
    private static void giveUp(ActorSystem<?> system) {
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterDowningReason());
    }

    private static NodeRefusal notFound(NodeSettings settings) {
        if (settings.seeds().isEmpty()) {
            return NodeRefusal.of(
                    NodeRefusal.Kind.AWAY,
                    "CLU-108",
                    "a cluster works at this journal, and no node of it is named",
                    NodeDoctor.NAME_A_SEED);
        }
        String fix =
                settings.seeds().stream()
                        .filter(seed -> !seed.resolves())
                        .findFirst()
                        .map(
                                seed ->
                                        "the name '%s' means no address here: look at its spelling"
                                                        .formatted(seed.host())
                                                + " and at the DNS of this machine")
                        .orElseGet(() -> whoseCertificate(settings.encryption()));
        return NodeRefusal.of(
                NodeRefusal.Kind.AWAY,
                "CLU-108",
                "no cluster was found through --seed %s".formatted(settings.seeds()),
                fix);
    }

    private static String whoseCertificate(Encryption encryption) {
        return encryption
                .cluster()
                .map(
                        own ->
                                "is one of them running, and does it show a certificate of the CA"
                                        + " in %s?".formatted(own.ca()))
                .orElse("is one of them running, and does it want certificates (--cluster-cert)?");
    }

    /** Without this node itself: the first of a list of seeds would found a cluster. */
    private static List<Address> seeds(NodeSettings settings, Address self) {
        return settings.seeds().stream()
                .map(seed -> AddressFromURIString.parse("akka://%s@%s".formatted(SYSTEM, seed)))
                .filter(seed -> !seed.equals(self))
                .toList();
    }

    private static ServerBinding bound(
            CompletionStage<ServerBinding> binding, Endpoint http, ActorSystem<?> system)
            throws IOException, InterruptedException {
        try {
            return binding.toCompletableFuture().get(BIND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            system.terminate();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw NodeRefusal.of(
                    NodeRefusal.Kind.MACHINE,
                    "CLU-106",
                    "--http %s cannot be used: %s".formatted(http, cause.getMessage()),
                    "");
        }
    }

    private static Jobs jobs(ActorSystem<?> system) {
        CoordinatorSettings settings = CoordinatorSettings.from(system.settings().config());
        ActorRef<CoordinatorGuardian.Command> coordinator =
                ClusterSingleton.get(system)
                        .init(
                                SingletonActor.of(
                                                CoordinatorGuardian.restarting(
                                                        settings, MergePlanning::prove),
                                                SystemConfig.COORDINATOR)
                                        .withSettings(
                                                ClusterSingletonSettings.create(system)
                                                        .withRole(SystemConfig.COORDINATOR)));
        return JobsClient.of(coordinator, system, settings);
    }

    /** The address of HTTP, with the port that was free where 0 was asked for. */
    public Optional<Endpoint> http() {
        return http;
    }

    /** Waits for the end, whoever asked for it: a signal, or the cluster that went on without. */
    public NodeEnd awaitEnd() throws InterruptedException {
        CompletableFuture<?> terminated = system.getWhenTerminated().toCompletableFuture();
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        boolean ended = false;
        while (!ended) {
            try {
                terminated.get(END_LOOK.toMillis(), TimeUnit.MILLISECONDS);
                ended = true;
            } catch (ExecutionException e) {
                throw new CompletionException(e.getCause());
            } catch (TimeoutException e) {
                // Cut off from the others, connections to them may keep the system from its end;
                // what a shutdown does for itself is bounded, and that has to do.
                ended = shutdown.getShutdownReason().map(this::isDone).orElse(false);
            }
        }
        return shutdown.getShutdownReason()
                        .filter(CoordinatedShutdown.clusterDowningReason()::equals)
                        .isPresent()
                ? NodeEnd.GIVEN_UP
                : NodeEnd.LEFT;
    }

    /** Whether the shutdown that goes on has done all that it does; it is not begun twice. */
    private boolean isDone(CoordinatedShutdown.Reason reason) {
        return CoordinatedShutdown.get(system).runAll(reason).toCompletableFuture().isDone();
    }

    /** Leaves the cluster, and hands over first what it coordinates. May be called again. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        CoordinatedShutdown.get(system)
                .runAll(CoordinatedShutdown.actorSystemTerminateReason())
                .toCompletableFuture()
                .join();
        if (link.isPresent()) {
            link.get().close();
        }
        if (journal.isPresent()) {
            journal.get().close();
        }
    }
}
