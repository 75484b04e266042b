package io.accrete.protocol.wire;

/**
 * Where a process takes the tensors that stages in other processes send.
 *
 * @param host as others name it
 */
public record LinkAddress(String host, int port) {
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
