package io.accrete.coordinator.http;

import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Lets a request through to what its token allows. */
final class Guard extends AllDirectives {
    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;

    Guard(Tokens tokens) {
        this.tokens = tokens;
    }

    Route allow(Role needed, Supplier<Route> inner) {
        return allow(needed, caller -> inner.get());
    }

    Route allow(Role needed, Function<Caller, Route> inner) {
        return optionalHeaderValueByName(
                "Authorization",
                header -> {
                    Optional<Caller> caller =
                            tokens.caller(
                                    header.filter(text -> text.startsWith(SCHEME))
                                            .map(text -> text.substring(SCHEME.length()).strip()));
                    if (caller.isEmpty()) {
                        return complete(
                                Answers.problem(
                                                StatusCodes.UNAUTHORIZED,
                                                "API-401",
                                                "this server needs a token that it knows: send"
                                                        + " `Authorization: Bearer TOKEN`")
                                        .addHeader(RawHeader.create("WWW-Authenticate", "Bearer")));
                    }
                    if (!caller.get().role().covers(needed)) {
                        return complete(
                                Answers.problem(
                                        StatusCodes.FORBIDDEN,
                                        "API-403",
                                        "the token '%s' has the role %s; this needs %s"
                                                .formatted(
                                                        caller.get().name(),
                                                        caller.get().role(),
                                                        needed)));
                    }
                    return inner.apply(caller.get());
                });
    }
}
