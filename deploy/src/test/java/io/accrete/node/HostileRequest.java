package io.accrete.node;

/**
 * What somebody with bad intentions sends over one connection.
 *
 * @param kind what it tries
 * @param bytes all that is sent
 * @param trusted the sender has a token that lets him submit jobs, and so may hear of paths
 * @param known whether the token is one that the server knows
 * @param mayBeCut the server may end the connection without an answer
 * @param open the connection is left open, and no answer is waited for
 */
record HostileRequest(
        String kind, byte[] bytes, boolean trusted, boolean known, boolean mayBeCut, boolean open) {
    HostileRequest {
        if (kind.isBlank()) {
            throw new IllegalArgumentException("what does it try?");
        }
    }

    HostileRequest cut() {
        return new HostileRequest(kind, bytes, trusted, known, true, open);
    }

    HostileRequest leftOpen() {
        return new HostileRequest(kind, bytes, trusted, known, true, true);
    }
}
