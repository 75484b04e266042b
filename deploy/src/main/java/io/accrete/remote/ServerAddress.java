package io.accrete.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * A server and what opens it.
 *
 * @param base for example {@code http://127.0.0.1:8080}
 * @param token sent with each request, if there is one
 */
public record ServerAddress(URI base, Optional<String> token) {
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
            return new ServerAddress(base, token);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'%s' is no address of a server".formatted(url), e);
        }
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
