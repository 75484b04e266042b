package io.accrete.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;

/**
 * {@code HOST:PORT}, as a node is named to others.
 *
 * @param port from 0 (any that is free) to 65535
 */
public record Endpoint(String host, int port) {
    private static final int PORT_MAX = 65_535;
    private static final Set<String> EVERY = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

    public Endpoint {
        if (host.isBlank() || port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException(
                    "'%s:%d' is no HOST:PORT with a port from 0 to %d"
                            .formatted(host, port, PORT_MAX));
        }
    }

    /**
     * @throws IllegalArgumentException if the text is no {@code HOST:PORT}
     */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new Endpoint(
                    text.substring(0, Math.max(colon, 0)).replaceAll("^\\[|]$", ""),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is no HOST:PORT".formatted(text), e);
        }
    }

    /** Whether its name means an address. */
    boolean resolves() {
        try {
            address();
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether only this machine can connect. */
    boolean isLoopback() throws UnknownHostException {
        return address().isLoopbackAddress();
    }

    /** Whether it is one to listen on, and none to connect to. */
    boolean isEveryAddress() {
        return EVERY.contains(host);
    }

    /**
     * @throws UnknownHostException if the name does not resolve
     */
    InetAddress address() throws UnknownHostException {
        return InetAddress.getByName(host);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
