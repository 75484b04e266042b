package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Lets a request through to what its token allows, with no parameters but those there are. */
final class Guard extends AllDirectives {
    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;

    Guard(Tokens tokens) {
        this.tokens = tokens;
    }

    /** What takes no token, and no parameters. */
    Route open(Supplier<Route> inner) {
        return onlyWith(List.of(), inner);
    }

    /** What takes no parameters. */
    Route allow(Role needed, Supplier<Route> inner) {
        return allow(needed, List.of(), caller -> inner.get());
    }

    /**
     * @param parameters that it takes
     */
    Route allow(Role needed, List<String> parameters, Function<Caller, Route> inner) {
        return known(
                caller ->
                        caller.role().covers(needed)
                                ? onlyWith(parameters, () -> inner.apply(caller))
                                : complete(
                                        Answers.problem(
                                                StatusCodes.FORBIDDEN,
                                                "API-403",
                                                "the token '%s' has the role %s; this needs %s"
                                                        .formatted(
                                                                caller.name(),
                                                                caller.role(),
                                                                needed))));
    }

    /** No body of a stranger is read, whatever it is sent to. */
    Route beforeBody(Supplier<Route> inner) {
        return extractRequestEntity(
                entity -> entity.isKnownEmpty() ? inner.get() : known(_ -> inner.get()));
    }

    /** Whose token is known, whatever it covers. */
    Route known(Function<Caller, Route> inner) {
        return optionalHeaderValueByName(
                "Authorization",
                header ->
                        tokens.caller(
                                        header.filter(text -> text.startsWith(SCHEME))
                                                .map(
                                                        text ->
                                                                text.substring(SCHEME.length())
                                                                        .strip()))
                                .map(inner)
                                .orElseGet(() -> complete(stranger())));
    }

    private static HttpResponse stranger() {
        return Answers.problem(
                        StatusCodes.UNAUTHORIZED,
                        "API-401",
                        "this server needs a token that it knows: send `Authorization: Bearer"
                                + " TOKEN`")
                .addHeader(RawHeader.create("WWW-Authenticate", "Bearer"));
    }

    private Route onlyWith(List<String> parameters, Supplier<Route> inner) {
        return parameterMultiMap(
                given ->
                        QueryReader.misplaced(given, parameters)
                                .<Route>map(fault -> complete(Answers.badRequest(fault)))
                                .orElseGet(inner));
    }
}
