package io.accrete.cli;

import java.util.Optional;

/**
 * A server that a user has given a name.
 *
 * @param tokenFile file with the token to show it
 * @param caFile certificate of the CA that signed the server's
 */
record ServerContext(String server, Optional<String> tokenFile, Optional<String> caFile) {

    /** The same with what is given here in place of what was. */
    ServerContext with(ServerContext other) {
        return new ServerContext(
                other.server().isEmpty() ? server : other.server(),
                other.tokenFile().or(() -> tokenFile),
                other.caFile().or(() -> caFile));
    }
}
