package io.accrete.coordinator.http;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a browser may have sent a request for a page of another site. Such a page can send what
 * it likes to any address that its reader reaches, this machine's own too, and can let a name of
 * its own lead there; what it cannot do is say another origin, or call the server another name.
 *
 * @param listening the address that a server without tokens listens on; empty where tokens are
 *     asked for, which no page of another site has, or the server may have any name
 */
record SiteCheck(Optional<String> listening) {
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9a-f:.]+]|[^\\[\\]:/@?#\\s]+)(?::(\\d{1,5}))?");
    private static final Pattern ORIGIN = Pattern.compile("(https?)://(.+)");
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** Host and port. */
    private record Place(String host, int port) {}

    /**
     * Why a request is refused, as a sentence.
     *
     * @param changes whether it asks for more than a look
     * @param host as the header of that name has it, which browsers always send
     * @param origin as the header of that name has it, which only browsers send
     */
    Optional<String> refusal(boolean changes, Optional<String> host, Optional<String> origin) {
        if (listening.isPresent() && !host.map(this::isOurs).orElse(true)) {
            return Optional.of(
                    "a server without tokens is called %s in the header `Host`; use one of these"
                                    .formatted(names(listening.get()))
                            + " names, or start it with --tokens");
        }
        if (changes && origin.isPresent() && !isSame(origin.get(), host)) {
            return Optional.of(
                    "the header `Origin` says that a page of another site sends this; only pages"
                            + " of this server may change something, and programs leave it out");
        }
        return Optional.empty();
    }

    private static String names(String listening) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
        String bare = bare(listening);
        names.add(bare.contains(":") ? "[%s]".formatted(bare) : bare);
        List<String> all = List.copyOf(names);
        return "%s or %s"
                .formatted(String.join(", ", all.subList(0, all.size() - 1)), all.getLast());
    }

    private boolean isOurs(String host) {
        return place(host, HTTP)
                .map(Place::host)
                .filter(
                        name ->
                                name.equals("localhost")
                                        || name.equals("::1")
                                        || LOOPBACK.matcher(name).matches()
                                        || name.equals(bare(listening.orElse(""))))
                .isPresent();
    }

    /** A port that is not said is that of the scheme. */
    private static boolean isSame(String origin, Optional<String> host) {
        Matcher parts = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return false;
        }
        int port = parts.group(1).equals("https") ? HTTPS : HTTP;
        Optional<Place> theirs = place(parts.group(2), port);
        return theirs.isPresent() && theirs.equals(host.flatMap(text -> place(text, port)));
    }

    private static Optional<Place> place(String authority, int port) {
        Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
        return parts.matches()
                ? Optional.of(
                        new Place(
                                bare(parts.group(1)),
                                parts.group(2) == null ? port : Integer.parseInt(parts.group(2))))
                : Optional.empty();
    }

    /** Without the brackets of an IPv6 address. */
    private static String bare(String host) {
        return host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
    }
}
