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
import akka.http.javadsl.ServerBinding;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.CoordinatorGuardian;
import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.JobsClient;
import io.accrete.coordinator.MembershipLock;
import io.accrete.coordinator.ServerJournal;
import io.accrete.coordinator.http.ApiServer;
import io.accrete.coordinator.http.Roots;
import io.accrete.coordinator.http.Tokens;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.merge.MergePlanning;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One running node. */
public final class Node implements AutoCloseable {
    private static final String COORDINATOR = "coordinator";
    private static final String WORKER = "worker";
    private static final String SYSTEM = "accrete";
    private static final Duration JOIN_LOOK = Duration.ofMillis(100);
    private static final Duration BIND = Duration.ofSeconds(20);

    private final ActorSystem<Void> system;
    private final Optional<ServerJournal> journal;
    private final Optional<ServerBinding> binding;
    private boolean closed;

    private Node(
            ActorSystem<Void> system,
            Optional<ServerJournal> journal,
            Optional<ServerBinding> binding) {
        this.system = system;
        this.journal = journal;
        this.binding = binding;
    }

    /**
     * Returns when the node serves, or has asked to join.
     *
     * @throws IOException where an address, the journal or a root cannot be used
     */
    public static Node start(NodeSettings settings, String version)
            throws IOException, InterruptedException {
        settings.check();
        Optional<ServerJournal> journal = Optional.empty();
        Roots roots = null;
        Tokens tokens = Tokens.none();
        if (settings.coordinates()) {
            roots = Roots.of(settings.roots());
            if (settings.tokens().isPresent()) {
                tokens = Tokens.read(settings.tokens().get());
            }
            journal =
                    Optional.of(
                            settings.journal().isPresent()
                                    ? ServerJournal.at(settings.journal().get())
                                    : ServerJournal.in(settings.state()));
        }
        ActorSystem<Void> system =
                ActorSystem.create(
                        NodeGuardian.create(settings.cluster().toString(), settings.workers()),
                        SYSTEM,
                        config(settings, journal));
        join(system, settings, journal.flatMap(ServerJournal::membership));
        Optional<ServerBinding> binding = Optional.empty();
        if (roots != null && settings.http().isPresent()) {
            Endpoint http = settings.http().get();
            binding =
                    Optional.of(
                            bound(
                                    ApiServer.bind(
                                            system,
                                            jobs(system),
                                            http.host(),
                                            http.port(),
                                            tokens,
                                            roots,
                                            version),
                                    http,
                                    system));
        }
        return new Node(system, journal, binding);
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
                    throw new IOException(
                            "no cluster was found through --seed %s: is one of them running?"
                                    .formatted(settings.seeds()));
                }
            }
            if (membership.isPresent()) {
                membership.get().join();
            }
        } catch (SQLException e) {
            system.terminate();
            throw new IOException("the membership lock: " + e.getMessage(), e);
        }
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
            throw new IOException(
                    "--http %s cannot be used: %s".formatted(http, cause.getMessage()), e);
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
                                                COORDINATOR)
                                        .withSettings(
                                                ClusterSingletonSettings.create(system)
                                                        .withRole(COORDINATOR)));
        return JobsClient.of(coordinator, system, settings);
    }

    private static Config config(NodeSettings settings, Optional<ServerJournal> journal) {
        List<String> roles = new ArrayList<>();
        if (settings.coordinates()) {
            roles.add(COORDINATOR);
        }
        if (settings.workers() > 0) {
            roles.add(WORKER);
        }
        Map<String, Object> node = new HashMap<>();
        node.put("akka.cluster.roles", roles);
        node.put("akka.remote.artery.canonical.hostname", settings.cluster().host());
        node.put("akka.remote.artery.canonical.port", settings.cluster().port());
        Config own = ConfigFactory.parseMap(node);
        Config shared = ConfigFactory.parseResources("accrete-node.conf");
        Config base = own.withFallback(shared);
        return journal.map(ServerJournal::config)
                .map(base::withFallback)
                .orElse(base)
                .withFallback(ConfigFactory.load())
                .resolve();
    }

    /** The address of HTTP, with the port that was free where 0 was asked for. */
    public Optional<Endpoint> http() {
        return binding.map(
                bound ->
                        new Endpoint(
                                bound.localAddress().getHostString(),
                                bound.localAddress().getPort()));
    }

    /** Waits for the end, whoever asked for it: a signal, or the cluster that went on without. */
    public void awaitEnd() throws InterruptedException {
        try {
            system.getWhenTerminated().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
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
        if (journal.isPresent()) {
            journal.get().close();
        }
    }
}
