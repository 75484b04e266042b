package io.accrete.local;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;

import io.accrete.coordinator.CoordinatorGuardian;
import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.JobsClient;
import io.accrete.coordinator.Journal;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.merge.Planner;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.worker.WorkerAgent;
import io.accrete.worker.WorkerSettings;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A coordinator and some workers in this process, with a journal in a folder. The actor system is
 * started first, since that takes a third of a second in which a plan can be made; nothing is
 * written before {@link #open}.
 */
final class EmbeddedCluster implements AutoCloseable {
    /** Bound on an orderly end, in which no actor has anything left to do. */
    private static final Duration END = Duration.ofSeconds(5);

    /**
     * One process that answers to nobody: no remoting, the signals are the command line's, and
     * whoever asks may wait, since nobody else could answer sooner.
     */
    private static final Config SETTINGS =
            ConfigFactory.parseMap(
                    Map.of(
                            "accrete.coordinator", Map.of("answer-timeout", "5m", "gather", "0s"),
                            "akka.actor.provider", "local",
                            "akka.jvm-shutdown-hooks", "off",
                            "akka.coordinated-shutdown.run-by-jvm-shutdown-hook", "off",
                            "akka.coordinated-shutdown.terminate-actor-system", "on",
                            "akka.coordinated-shutdown.exit-jvm", "off",
                            "akka.loggers", List.of("akka.event.slf4j.Slf4jLogger"),
                            "akka.logging-filter", "akka.event.slf4j.Slf4jLoggingFilter",
                            "akka.log-dead-letters", "off",
                            "akka.loglevel", "WARNING"));

    /** Stages are spread over workers of this process: all of them are waited for. */
    private static final Config GATHERED =
            ConfigFactory.parseMap(Map.of("accrete.coordinator.gather", "1s"));

    /** No message leaves the process: only what the journal holds needs words. */
    private static final String SERIALIZERS = "akka.actor.serializers";

    private static final String BINDINGS = "akka.actor.serialization-bindings";
    private static final String JOURNAL = "accrete-journal";

    private final Path journalFolder;
    private final Config config;
    private final ActorSystem<Void> system;
    private @Nullable Journal journal;
    private Optional<LinkServer> link = Optional.empty();

    EmbeddedCluster(Path journalFolder) {
        this.journalFolder = journalFolder;
        this.config = settings(journalFolder);
        this.system = ActorSystem.create(RootGuardian.create(), "accrete", config);
    }

    static Config settings(Path journalFolder) {
        return Journal.config(journalFolder)
                .withFallback(SETTINGS)
                .withFallback(withFewSerializers(ConfigFactory.load()))
                .resolve();
    }

    /**
     * Each one of thirty would be made at the start, which takes a sixth of a second. None can be
     * left out, as Akka falls back to its own defaults, but another can stand in for it.
     */
    private static Config withFewSerializers(Config all) {
        Map<String, String> serializers = new HashMap<>();
        for (String name : all.getConfig(SERIALIZERS).root().keySet()) {
            if (!name.equals(JOURNAL)) {
                serializers.put(ConfigUtil.quoteString(name), UnusedSerializer.class.getName());
            }
        }
        Map<String, String> bindings = new HashMap<>();
        for (Map.Entry<String, ConfigValue> binding : all.getConfig(BINDINGS).root().entrySet()) {
            if (!binding.getValue().unwrapped().equals(JOURNAL)) {
                bindings.put(ConfigUtil.quoteString(binding.getKey()), "none");
            }
        }
        return ConfigFactory.parseMap(Map.of(SERIALIZERS, serializers, BINDINGS, bindings))
                .withFallback(all);
    }

    /**
     * Opens the journal and starts what works with it.
     *
     * @param devices for each a worker
     */
    Jobs open(List<PresentDevice> devices, Planner planner) throws IOException {
        journal = Journal.open(journalFolder);
        link = link(devices);
        CoordinatorSettings settings =
                CoordinatorSettings.from(link.isPresent() ? GATHERED.withFallback(config) : config);
        ActorRef<CoordinatorGuardian.Command> coordinator =
                system.systemActorOf(
                        CoordinatorGuardian.create(settings, planner),
                        "coordinator",
                        Props.empty());
        int workers = devices.size();
        for (int worker = 1; worker <= workers; worker++) {
            String name = "worker-" + worker;
            system.systemActorOf(
                    WorkerAgent.create(name, workers, link, devices.get(worker - 1)),
                    name,
                    Props.empty());
        }
        return JobsClient.of(coordinator, system, settings);
    }

    /** Stages on several GPUs pass tensors over the loopback of this machine. */
    private Optional<LinkServer> link(List<PresentDevice> devices) throws IOException {
        if (devices.stream().map(PresentDevice::device).distinct().count() < 2) {
            return Optional.empty();
        }
        LinkAddress here = new LinkAddress("127.0.0.1", 0);
        return Optional.of(LinkServer.open(here, here, WorkerSettings.links(config)));
    }

    /** The journal is closed only once nobody writes to it; else the end of the process does it. */
    @Override
    public void close() throws IOException {
        system.terminate();
        try {
            system.getWhenTerminated()
                    .toCompletableFuture()
                    .get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (ExecutionException | TimeoutException stillBusy) {
            system.log().warn("actors were still busy after {}", END);
            return;
        }
        if (link.isPresent()) {
            link.get().close();
        }
        if (journal != null) {
            journal.close();
        }
    }
}
