package io.accrete.coordinator.http;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;

import io.accrete.protocol.http.ClusterResource;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which nodes there are, as this one sees it. */
final class ClusterLook {
    private static final String COORDINATOR = "coordinator";

    private final Cluster cluster;

    ClusterLook(ActorSystem<?> system) {
        this.cluster = Cluster.get(system);
    }

    ClusterResource now() {
        CurrentClusterState state = cluster.state();
        List<Member> oldestFirst = new ArrayList<>();
        state.getMembers().forEach(oldestFirst::add);
        oldestFirst.sort((a, b) -> a.equals(b) ? 0 : a.isOlderThan(b) ? -1 : 1);
        Set<Member> unreachable = state.getUnreachable();
        Optional<String> coordinator =
                oldestFirst.stream()
                        .filter(member -> member.hasRole(COORDINATOR))
                        .findFirst()
                        .filter(member -> member.status().equals(MemberStatus.up()))
                        .filter(member -> !unreachable.contains(member))
                        .map(member -> name(member.address()));
        return new ClusterResource(
                name(cluster.selfMember().address()),
                coordinator,
                oldestFirst.stream()
                        .map(
                                member ->
                                        new ClusterResource.Member(
                                                name(member.address()),
                                                roles(member),
                                                member.status().toString().toLowerCase(Locale.ROOT),
                                                !unreachable.contains(member),
                                                member.appVersion().version()))
                        .toList());
    }

    /**
     * Why nothing is coordinated here: this node sees no majority of those that coordinate. Soon
     * the cluster will go on without it, or it without the cluster.
     */
    Optional<String> minority() {
        CurrentClusterState state = cluster.state();
        Set<Member> unreachable = state.getUnreachable();
        int all = 0;
        int seen = 0;
        for (Member member : state.getMembers()) {
            if (member.hasRole(COORDINATOR)) {
                all++;
                seen += unreachable.contains(member) ? 0 : 1;
            }
        }
        return minority(seen, all);
    }

    static Optional<String> minority(int seen, int all) {
        return seen == all || 2 * seen > all
                ? Optional.empty()
                : Optional.of(
                        "this node sees %d of the %d nodes that serve, which is no majority of them"
                                .formatted(seen, all));
    }

    /** Without those that Akka adds. */
    private static List<String> roles(Member member) {
        return member.getRoles().stream().filter(role -> !role.startsWith("dc-")).sorted().toList();
    }

    private static String name(Address address) {
        return address.getHost().orElse("")
                + ":"
                + address.getPort().map(Object::toString).orElse("");
    }
}
