package io.accrete.remote;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
 * @param clock of its machine, in whole seconds; empty where it does not say
 */
public record ServerProbe(Optional<String> version, Optional<Instant> clock) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Of the first, where there are several. */
    public static ServerProbe of(ServerAddress server)
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
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            return new ServerProbe(
                    version(answer.body()),
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
