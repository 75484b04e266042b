package io.accrete.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import javax.net.ssl.SSLContext;

/**
 * Where the servers of one cluster are, and what opens them.
 *
 * @param bases one or more, for example {@code http://127.0.0.1:8080}; each can answer for all
 * @param token sent with each request, to these servers only, if there is one
 * @param trust whom to believe that he is such a server; empty for those whom Java believes
 */
public record ServerAddress(List<URI> bases, Optional<String> token, Optional<SSLContext> trust) {
    private static final int PORT_MAX = 65_535;

    public ServerAddress {
        bases = List.copyOf(bases);
        if (bases.isEmpty()) {
            throw new IllegalArgumentException("no address of a server");
        }
    }

    /**
     * @param urls one, or several with commas between them
     * @throws IllegalArgumentException if one of them is no HTTP address
     */
    public static ServerAddress of(String urls, Optional<String> token) {
        List<URI> bases = Arrays.stream(urls.split(",", -1)).map(ServerAddress::base).toList();
        return new ServerAddress(bases, token, Optional.empty());
    }

    private static URI base(String url) {
        String named = url.strip();
        String text = named.contains("://") ? named : "http://" + named;
        try {
            URI base = new URI(text.replaceAll("/+$", ""));
            boolean plain = base.getRawQuery() == null && base.getRawFragment() == null;
            if (base.getHost() == null
                    || !base.getScheme().matches("https?")
                    || base.getPort() > PORT_MAX
                    || !plain) {
                throw new IllegalArgumentException(
                        "'%s' is no address of a server".formatted(named));
            }
            return base;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "'%s' is no address of a server".formatted(named), e);
        }
    }

    /** The same servers, which must show a certificate that this context believes. */
    public ServerAddress trusting(SSLContext context) {
        return new ServerAddress(bases, token, Optional.of(context));
    }

    /** Each of the servers alone. */
    public List<ServerAddress> each() {
        return bases.stream().map(base -> new ServerAddress(List.of(base), token, trust)).toList();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return bases.stream().map(URI::toString).collect(Collectors.joining(", "));
    }
}
