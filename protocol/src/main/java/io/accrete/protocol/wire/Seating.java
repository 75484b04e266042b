package io.accrete.protocol.wire;

import java.util.List;
import java.util.Optional;

/**
 * Which group holds which stage, and how the groups find and believe each other.
 *
 * @param epoch of the edges between them; rises whenever stages begin anew, and what comes with an
 *     older one is refused
 * @param secret that they prove to know
 * @param groups of the stages, in the order of the stages
 * @param addresses of the groups; a group that is alone needs none
 */
public record Seating(
        long epoch,
        LinkSecret secret,
        List<Integer> groups,
        List<Optional<LinkAddress>> addresses) {
    public Seating {
        groups = List.copyOf(groups);
        addresses = List.copyOf(addresses);
    }
}
