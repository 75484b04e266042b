package io.accrete.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

import javax.net.ssl.SSLContext;

/**
 * A server and what opens it.
 *
 * @param base for example {@code http://127.0.0.1:8080}
 * @param token sent with each request, if there is one
 * @param trust whom to believe that he is the server; empty for those whom Java believes
 */
public record ServerAddress(URI base, Optional<String> token, Optional<SSLContext> trust) {
    /**
     * @throws IllegalArgumentException if the text is no HTTP address
     */
    public static ServerAddress of(String url, Optional<String> token) {
        String text = url.contains("://") ? url : "http://" + url;
        try {
            URI base = new URI(text.replaceAll("/+$", ""));
            if (base.getHost() == null || !base.getScheme().matches("https?")) {
                throw new IllegalArgumentException("'%s' is no address of a server".formatted(url));
            }
            return new ServerAddress(base, token, Optional.empty());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'%s' is no address of a server".formatted(url), e);
        }
    }

    /** The same server, which must show a certificate that this context believes. */
    public ServerAddress trusting(SSLContext context) {
        return new ServerAddress(base, token, Optional.of(context));
    }

    URI resolve(String path) {
        return URI.create(base + "/api/v1" + path);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return base.toString();
    }
}
