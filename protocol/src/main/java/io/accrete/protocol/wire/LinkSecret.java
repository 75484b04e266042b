package io.accrete.protocol.wire;

/**
 * Made anew for each round of a training; who knows it may connect to its stages.
 *
 * @param hex at random
 */
public record LinkSecret(String hex) {
    /** Commands are logged. */
    @Override
    public String toString() {
        return "LinkSecret[]";
    }
}
