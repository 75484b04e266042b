package io.accrete.coordinator.http;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;

import io.accrete.protocol.http.ClusterResource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Which nodes there are, as this one sees it. */
final class ClusterLook {
    private static final String COORDINATOR = "coordinator";

    private final Cluster cluster;

    ClusterLook(ActorSystem<?> system) {
        this.cluster = Cluster.get(system);
    }

    /** Members, the oldest first, and which of them this node does not hear of. */
    private record View(List<Member> members, Set<Member> unreachable) {
        boolean hears(Member member) {
            return !unreachable.contains(member);
        }

        List<Member> serving() {
            return members.stream().filter(member -> member.hasRole(COORDINATOR)).toList();
        }
    }

    private View view() {
        CurrentClusterState state = cluster.state();
        List<Member> members = new ArrayList<>();
        state.getMembers().forEach(members::add);
        members.sort((a, b) -> a.equals(b) ? 0 : a.isOlderThan(b) ? -1 : 1);
        return new View(members, state.getUnreachable());
    }

    ClusterResource now() {
        View view = view();
        Optional<String> coordinator =
                view.serving().stream()
                        .findFirst()
                        .filter(member -> member.status().equals(MemberStatus.up()))
                        .filter(view::hears)
                        .map(member -> name(member.address()));
        return new ClusterResource(
                self(),
                coordinator,
                view.members().stream()
                        .map(
                                member ->
                                        new ClusterResource.Member(
                                                name(member.address()),
                                                roles(member),
                                                member.status().toString().toLowerCase(Locale.ROOT),
                                                view.hears(member),
                                                member.appVersion().version()))
                        .toList());
    }

    /** The address of this node. */
    String self() {
        return name(cluster.selfMember().address());
    }

    /** What this start of the node has, and no other. */
    String mark() {
        return mark(cluster.selfMember());
    }

    /** The marks of the nodes that serve, by their addresses, the oldest first. */
    SequencedMap<String, String> marks() {
        SequencedMap<String, String> marks = new LinkedHashMap<>();
        view().serving().stream()
                .filter(member -> member.status().equals(MemberStatus.up()))
                .forEach(member -> marks.put(name(member.address()), mark(member)));
        return marks;
    }

    private static String mark(Member member) {
        return Long.toHexString(member.uniqueAddress().longUid());
    }

    /**
     * Why nothing is coordinated here: this node sees no majority of those that coordinate. Soon
     * the cluster will go on without it, or it without the cluster.
     */
    Optional<String> minority() {
        View view = view();
        List<Member> serving = view.serving();
        long seen = serving.stream().filter(view::hears).count();
        return minority((int) seen, serving.size());
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
