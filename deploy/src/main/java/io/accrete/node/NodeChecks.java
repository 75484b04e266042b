package io.accrete.node;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.tls.PemException;
import io.accrete.protocol.tls.TlsIdentity;
import io.accrete.protocol.tls.TlsTrust;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What must hold on this machine before a node is started; each asks and changes nothing. */
final class NodeChecks {
    private NodeChecks() {}

    /** All certificates and keys that are named can be used; otherwise says which cannot. */
    static void pem(Encryption encryption, Instant now) throws NodeRefusal {
        Set<Problem> problems = new LinkedHashSet<>();
        encryption.http().ifPresent(http -> identity(http, now, problems));
        encryption.cluster().ifPresent(mutual -> mutual(mutual, now, problems));
        if (!problems.isEmpty()) {
            throw new NodeRefusal(NodeRefusal.Kind.SETTINGS, List.copyOf(problems));
        }
    }

    private static Optional<TlsIdentity> identity(
            PemPair pair, Instant now, Set<Problem> problems) {
        try {
            return Optional.of(TlsIdentity.read(pair.certificate(), pair.key(), now));
        } catch (PemException e) {
            problems.add(problem(e));
            // The key is not looked at where the certificate cannot be read.
            if (!e.file().equals(pair.key().toString()) && !Files.isReadable(pair.key())) {
                problems.add(
                        Problem.error(
                                "CLU-104",
                                pair.key().toString(),
                                Files.exists(pair.key())
                                        ? "may not be read by this user"
                                        : "no such file",
                                "look at its name and at its rights"));
            }
            return Optional.empty();
        }
    }

    private static void mutual(Encryption.Mutual mutual, Instant now, Set<Problem> problems) {
        PemPair own = mutual.own();
        Optional<TlsIdentity> identity = identity(own, now, problems);
        try {
            if (identity.isPresent()) {
                identity.get().requireSignedBy(mutual.ca(), own.certificate(), now);
            } else {
                TlsTrust.in(mutual.ca());
            }
        } catch (PemException e) {
            problems.add(problem(e));
        }
    }

    private static Problem problem(PemException e) {
        return Problem.error("CLU-104", e.file(), String.valueOf(e.getMessage()), e.fix());
    }

    /** An address can be listened on: it is one of this machine, and free. */
    static void free(NodeKey key, Endpoint endpoint) throws NodeRefusal {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(endpoint.address(), endpoint.port()));
        } catch (UnknownHostException e) {
            throw NodeSettings.unresolved(key, endpoint);
        } catch (BindException e) {
            throw notBound(key, endpoint, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw NodeRefusal.of(
                    NodeRefusal.Kind.MACHINE,
                    "CLU-106",
                    "%s %s cannot be listened on: %s"
                            .formatted(key.flag(), endpoint, e.getMessage()),
                    "");
        }
    }

    private static NodeRefusal notBound(NodeKey key, Endpoint endpoint, String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        String found;
        String fix;
        if (lower.contains("in use")) {
            found =
                    "is taken by "
                            + PortOwner.of(endpoint.port())
                                    .map(PortOwner::toString)
                                    .orElse("another program");
            fix = "end that program, or choose another port";
        } else if (lower.contains("cannot assign")) {
            found = "is not an address of this machine";
            fix =
                    key == NodeKey.CLUSTER_BIND
                            ? "where others reach this node under another address than it has"
                                    + " itself, name its own with --cluster-bind"
                            : "name one that it has, or 0.0.0.0 for all of them";
        } else if (lower.contains("denied")) {
            found = "needs more rights than this user has";
            fix = "choose a port above 1023";
        } else {
            found = "cannot be listened on: " + reason;
            fix = "";
        }
        return NodeRefusal.of(
                NodeRefusal.Kind.MACHINE,
                "CLU-106",
                "%s %s %s".formatted(key.flag(), endpoint, found),
                fix);
    }
}
