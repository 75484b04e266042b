package io.accrete.coordinator.http;

import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;

import java.util.UUID;
import java.util.function.Function;

/** The header by which a request that comes twice is known again. */
final class IdempotencyKey {
    private static final String NAME = "Idempotency-Key";
    private static final int LENGTH_MAX = 200;

    private IdempotencyKey() {}

    /** Goes on with the key, or with a fresh one; answers who sends one that is none. */
    static Route read(Function<String, Route> inner) {
        return Directives.optionalHeaderValueByName(
                NAME,
                key ->
                        key.filter(IdempotencyKey::isNone).isPresent()
                                ? Directives.complete(
                                        Answers.badRequest(
                                                "%s has 1 to %d characters"
                                                        .formatted(NAME, LENGTH_MAX)))
                                : inner.apply(key.orElseGet(IdempotencyKey::fresh)));
    }

    private static String fresh() {
        return UUID.randomUUID().toString();
    }

    private static boolean isNone(String key) {
        return key.isBlank() || key.length() > LENGTH_MAX;
    }
}
