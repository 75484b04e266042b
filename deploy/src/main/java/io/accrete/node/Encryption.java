package io.accrete.node;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What of a node's traffic is encrypted.
 *
 * @param http what it shows to clients
 * @param cluster what it shows to other nodes, and asks of them
 */
public record Encryption(Optional<PemPair> http, Optional<Mutual> cluster) {

    /**
     * @param ca that signed the certificates of all nodes
     */
    public record Mutual(PemPair own, Path ca) {}

    public static Encryption none() {
        return new Encryption(Optional.empty(), Optional.empty());
    }
}
