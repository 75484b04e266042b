package io.accrete.cli;

import io.accrete.node.ClockGap;
import io.accrete.node.HealthCheck;
import io.accrete.node.NodeDoctor;
import io.accrete.node.NodeSettings;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;
import io.accrete.remote.ServerProbe;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a cluster that runs is well, as one of its servers tells. */
final class ClusterDoctor {
    /** Of HTTP. */
    private static final int FORBIDDEN = 403;

    private final ServerOptions server;
    private final Surroundings surroundings;
    private final Clock clock;
    private final List<HealthCheck> checks = new ArrayList<>();

    ClusterDoctor(ServerOptions server, Surroundings surroundings, Clock clock) {
        this.server = server;
        this.surroundings = surroundings;
        this.clock = clock;
    }

    /**
     * @param node that this machine is to have of that cluster, which sees its folders
     */
    List<HealthCheck> look(Optional<NodeSettings> node)
            throws IOException, Refusal, InterruptedException {
        ServerAddress address = server.address(surroundings);
        List<ServerAddress> answering = new ArrayList<>();
        for (ServerAddress one : address.each()) {
            try {
                probe(one);
                answering.add(one);
            } catch (ServerException e) {
                checks.add(ill(e));
            }
        }
        if (!answering.isEmpty()) {
            ask(address);
        }
        for (ServerAddress one : answering) {
            folders(one, node);
        }
        return checks;
    }

    private void probe(ServerAddress server) throws ServerException, InterruptedException {
        ServerProbe probe = ServerProbe.of(server, clock);
        checks.add(version(server.toString(), probe.version()));
        probe.clock()
                .map(
                        there ->
                                ClockGap.of(
                                        probe.asked(), probe.answered(), there, ServerProbe.STALE))
                .ifPresent(gap -> checks.add(NodeDoctor.clocks(server + "'s", gap)));
    }

    private void ask(ServerAddress address) throws InterruptedException {
        try (RemoteJobs jobs = new RemoteJobs(address)) {
            members(jobs.cluster());
            jobs.list(Optional.empty(), 1, Optional.empty());
            checks.add(HealthCheck.well("jobs", "the coordinator answers"));
        } catch (ServerException e) {
            checks.add(ill(e));
        }
    }

    private void folders(ServerAddress one, Optional<NodeSettings> node)
            throws InterruptedException {
        try (RemoteJobs jobs = new RemoteJobs(one)) {
            checks.addAll(FolderDoctor.look(jobs.folders(), node));
        } catch (ServerException e) {
            checks.add(
                    e.problem().filter(problem -> problem.status() == FORBIDDEN).isPresent()
                            ? HealthCheck.note(
                                    "folders",
                                    "%s does not tell its roots: %s".formatted(one, e.getMessage()),
                                    "show a token with the role submit to have folders compared")
                            : ill(e));
        }
    }

    private static HealthCheck ill(ServerException e) {
        return HealthCheck.ill(
                "server",
                String.valueOf(e.getMessage()),
                e.problem().isEmpty() ? e.fix() : "show a token that it knows with --token-file");
    }

    private static HealthCheck version(String whose, Optional<String> version) {
        String own = Version.number();
        String its = version.orElse("something that is not Accrete");
        return new HealthCheck(
                "version",
                its.equals(own),
                its.equals(own)
                        ? "%s has %s, as here".formatted(whose, its)
                        : "%s has %s, and this is %s".formatted(whose, its, own),
                "bring all nodes to one version; docs/operations.md tells how");
    }

    private void members(ClusterResource cluster) {
        checks.add(
                cluster.coordinator().isPresent()
                        ? HealthCheck.well("coordinator", "on " + cluster.coordinator().get())
                        : HealthCheck.ill(
                                "coordinator",
                                "none now: it moves, or the nodes that serve have no majority",
                                "wait half a minute and look again; then look at the nodes"));
        for (ClusterResource.Member member : cluster.members()) {
            checks.add(
                    new HealthCheck(
                            "node",
                            member.reachable() && member.status().equals("up"),
                            "%s is %s%s"
                                    .formatted(
                                            member.address(),
                                            member.status(),
                                            member.reachable() ? "" : ", and does not answer"),
                            "look at its log; a node that was given up has to be started again"));
            if (!Version.number().equals(member.version())) {
                checks.add(version(member.address(), Optional.ofNullable(member.version())));
            }
        }
        List<String> servers =
                cluster.members().stream()
                        .filter(member -> member.roles().contains("coordinator"))
                        .map(ClusterResource.Member::address)
                        .toList();
        checks.add(
                new HealthCheck(
                        "majority",
                        servers.size() % 2 == 1,
                        servers.size() + " of the nodes serve",
                        "run one or three: of an even number half may be lost, and the rest stops"
                                + " too"));
    }
}
