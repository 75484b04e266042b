package io.accrete.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.ServerJournal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the actor system of a node is told. */
final class SystemConfig {
    static final String COORDINATOR = "coordinator";
    private static final String WORKER = "worker";
    private static final String ARTERY = "akka.remote.artery.";
    private static final String PEM = ARTERY + "ssl.rotating-keys-engine.";

    private SystemConfig() {}

    static Config of(NodeSettings settings, Optional<ServerJournal> journal, String version) {
        Map<String, Object> node = new HashMap<>();
        node.put("akka.cluster.roles", roles(settings));
        node.put("akka.cluster.app-version", version);
        node.put(ARTERY + "canonical.hostname", settings.cluster().host());
        node.put(ARTERY + "canonical.port", settings.cluster().port());
        node.put(ARTERY + "bind.hostname", settings.clusterBind().host());
        node.put(ARTERY + "bind.port", settings.clusterBind().port());
        settings.encryption().cluster().ifPresent(mutual -> node.putAll(encrypted(mutual)));
        Config own = ConfigFactory.parseMap(node);
        Config shared = ConfigFactory.parseResources("accrete-node.conf");
        Config base = own.withFallback(shared);
        // What is said to the JVM is as good as a flag, and comes before a file.
        return journal.map(ServerJournal::config)
                .map(base::withFallback)
                .orElse(base)
                .withFallback(ConfigFactory.systemProperties().withOnlyPath("accrete"))
                .withFallback(settings.bounds())
                .withFallback(ConfigFactory.load())
                .resolve();
    }

    private static List<String> roles(NodeSettings settings) {
        List<String> roles = new ArrayList<>();
        if (settings.coordinates()) {
            roles.add(COORDINATOR);
        }
        if (settings.workers() > 0) {
            roles.add(WORKER);
        }
        return roles;
    }

    /** Each side shows a certificate of the one CA; files that are replaced are read again. */
    private static Map<String, Object> encrypted(Encryption.Mutual mutual) {
        return Map.of(
                ARTERY + "transport", "tls-tcp",
                ARTERY + "ssl.ssl-engine-provider",
                        "akka.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider",
                PEM + "key-file", mutual.own().key().toString(),
                PEM + "cert-file", mutual.own().certificate().toString(),
                PEM + "ca-cert-file", mutual.ca().toString(),
                PEM + "protocol", "TLSv1.3",
                PEM + "enabled-algorithms", List.of("TLS_AES_256_GCM_SHA384"));
    }
}
