package io.accrete.node;

import akka.cluster.ClusterSettings;
import akka.http.javadsl.settings.ServerSettings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

import io.accrete.coordinator.EarlySettings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * What every node needs once, whatever its settings: begun on a thread of its own while the command
 * line is still read, since a start is mostly the work of one thread.
 */
public final class NodeStart {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStart.class);

    /** In the order in which a node comes to them; the initialisers of Scala's objects are long. */
    static final List<String> CLASSES =
            List.of(
                    "akka.remote.artery.tcp.ArteryTcpTransport",
                    "akka.http.javadsl.server.Directives",
                    "slick.jdbc.H2Profile$",
                    "slick.compiler.QueryCompiler$");

    private NodeStart() {}

    /** Returns at once. */
    public static void prepare() {
        Thread.ofPlatform().daemon().name("early-node").start(NodeStart::initialise);
    }

    private static void initialise() {
        EarlySettings.read().ifPresent(NodeStart::initialise);
        for (String name : CLASSES) {
            try {
                Class.forName(name);
            } catch (ClassNotFoundException e) {
                LOG.warn("{} is no class of this version", name, e);
            }
        }
    }

    private static void initialise(Config settings) {
        try {
            new ClusterSettings(settings, Node.SYSTEM);
            ServerSettings.create(settings);
        } catch (ConfigException e) {
            LOG.debug("the actor system will find the same, and say so", e);
        }
    }
}
