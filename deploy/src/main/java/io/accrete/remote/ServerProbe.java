package io.accrete.remote;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server says of itself to everybody.
 *
 * @param version of its program; empty where something else than Accrete answers
 * @param asked when it was asked, by the clock here
 * @param answered when it had answered, by the clock here
 * @param clock what that of its machine showed in between, as {@link #STALE} as it may be; empty
 *     where it does not say
 */
public record ServerProbe(
        Optional<String> version, Instant asked, Instant answered, Optional<Instant> clock) {
    /** A server tells whole seconds, and looks at its clock once a second. */
    public static final Duration STALE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /**
     * Of the first, where there are several.
     *
     * @param here the clock of this machine
     */
    public static ServerProbe of(ServerAddress server, Clock here)
            throws ServerException, InterruptedException {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(PATIENCE)
                        .version(HttpClient.Version.HTTP_1_1);
        server.trust().ifPresent(builder::sslContext);
        try (HttpClient client = builder.build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(server.bases().getFirst().resolve("/version"))
                            .timeout(PATIENCE)
                            .build();
            // What the connection took is not the question's.
            client.send(request, BodyHandlers.discarding());
            Instant asked = here.instant();
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            return new ServerProbe(
                    version(answer.body()),
                    asked,
                    here.instant(),
                    answer.headers().firstValue("Date").flatMap(ServerProbe::clock));
        } catch (IOException e) {
            throw ServerException.unreachable(List.of(Outage.of(server.toString(), e)), e);
        }
    }

    private static Optional<String> version(String body) {
        try {
            return Optional.ofNullable(ApiJson.read(body, Map.class).get("version"))
                    .map(Object::toString);
        } catch (JsonProcessingException somethingElse) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> clock(String date) {
        try {
            return Optional.of(
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException noDate) {
            return Optional.empty();
        }
    }
}
