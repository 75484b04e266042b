package io.accrete.protocol.http;

import java.util.List;
import java.util.Optional;

/**
 * A cluster as one of its nodes sees it.
 *
 * @param self address of the node that answers
 * @param coordinator address of the node on which the coordinator runs; empty while it moves
 * @param members the oldest first
 */
public record ClusterResource(String self, Optional<String> coordinator, List<Member> members) {
    public ClusterResource {
        members = List.copyOf(members);
    }

    /**
     * @param address {@code HOST:PORT} between nodes
     * @param status {@code up}, {@code leaving}, ...
     * @param reachable whether the answering node hears of it
     * @param version of its program
     */
    public record Member(
            String address, List<String> roles, String status, boolean reachable, String version) {
        public Member {
            roles = List.copyOf(roles);
        }
    }
}
