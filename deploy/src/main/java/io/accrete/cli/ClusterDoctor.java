package io.accrete.cli;

import io.accrete.node.ClockGap;
import io.accrete.node.HealthCheck;
import io.accrete.node.NodeDoctor;
import io.accrete.node.NodeSettings;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;
import io.accrete.remote.ServerProbe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a cluster that runs is well, as one of its servers tells. */
final class ClusterDoctor {
    private static final int RESULTS = 20;

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
        boolean answered = false;
        for (ServerAddress one : address.each()) {
            try {
                probe(one);
                answered = true;
            } catch (ServerException e) {
                checks.add(ill(e));
            }
        }
        if (answered) {
            ask(address, node);
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

    private void ask(ServerAddress address, Optional<NodeSettings> node)
            throws InterruptedException {
        try (RemoteJobs jobs = new RemoteJobs(address)) {
            members(jobs.cluster());
            if (node.isPresent()) {
                Optional<String> succeeded = Optional.of("succeeded");
                folders(jobs.list(succeeded, RESULTS, Optional.empty()).jobs(), node.get());
            }
        } catch (ServerException e) {
            checks.add(ill(e));
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

    /**
     * Results that the cluster has published must be here under the same paths, and below the roots
     * of a node that is to take jobs. Nodes do not tell their roots, so that results are all that
     * these can be held against.
     */
    private void folders(List<JobResource> published, NodeSettings node) {
        if (published.isEmpty()) {
            checks.add(
                    HealthCheck.note(
                            "folders",
                            "the cluster has no result yet to look for",
                            "compare --root and mounts with those of another node by hand: nodes"
                                    + " do not tell theirs"));
            return;
        }
        List<Path> here =
                published.stream()
                        .map(job -> Path.of(job.output()))
                        .filter(Files::isDirectory)
                        .toList();
        checks.add(
                new HealthCheck(
                        "folders",
                        !here.isEmpty(),
                        "%d of the last %d results of the cluster are here%s"
                                .formatted(
                                        here.size(),
                                        published.size(),
                                        here.isEmpty()
                                                ? ", not even " + published.getFirst().output()
                                                : ""),
                        "unless they were deleted, this machine sees other folders: mount what"
                                + " the other nodes have, under the same paths"));
        if (!here.isEmpty() && node.http().isPresent()) {
            checks.add(roots(here, node.roots()));
        }
    }

    private static HealthCheck roots(List<Path> results, List<Path> roots) {
        List<Path> outside =
                results.stream()
                        .filter(result -> roots.stream().noneMatch(root -> isBelow(result, root)))
                        .toList();
        String found =
                outside.isEmpty()
                        ? "results of the cluster lie below those of this node; nodes do not tell"
                                + " theirs, which are not compared otherwise"
                        : "%d of %d results of the cluster lie below no --root of this node: %s"
                                .formatted(outside.size(), results.size(), outside.getFirst());
        HealthCheck.State state =
                outside.isEmpty()
                        ? HealthCheck.State.WELL
                        : outside.size() < results.size()
                                ? HealthCheck.State.NOTE
                                : HealthCheck.State.ILL;
        return new HealthCheck(
                "roots",
                state,
                found,
                "name the roots of the other nodes, in the same order, unless all of them have"
                        + " others now than when these jobs were submitted");
    }

    private static boolean isBelow(Path result, Path root) {
        try {
            return result.toRealPath().startsWith(root.toRealPath());
        } catch (IOException notThere) {
            return false;
        }
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
