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
