package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;

import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** The header by which a request that comes twice is known again. */
final class IdempotencyKey {
    private static final String NAME = "Idempotency-Key";
    private static final int LENGTH_MAX = 200;

    private IdempotencyKey() {}

    /** Goes on with the key, or with a fresh one; answers who sends one that is none. */
    static Route read(Function<String, Route> inner) {
        return Directives.extractRequest(
                request -> {
                    List<String> keys =
                            StreamSupport.stream(request.getHeaders().spliterator(), false)
                                    .filter(header -> header.is(NAME.toLowerCase(Locale.ROOT)))
                                    .map(HttpHeader::value)
                                    .toList();
                    if (keys.size() > 1 || keys.stream().anyMatch(IdempotencyKey::isNone)) {
                        return Directives.complete(
                                Answers.badRequest(
                                        "%s is sent once, and has 1 to %d characters"
                                                .formatted(NAME, LENGTH_MAX)));
                    }
                    return inner.apply(keys.isEmpty() ? fresh() : keys.getFirst());
                });
    }

    private static String fresh() {
        return UUID.randomUUID().toString();
    }

    private static boolean isNone(String key) {
        return key.isBlank() || key.length() > LENGTH_MAX;
    }
}
