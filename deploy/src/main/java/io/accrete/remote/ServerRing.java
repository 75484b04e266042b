package io.accrete.remote;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.ProblemDetail;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The servers of a cluster, of which each can answer for all. The one that answered last is asked
 * first, the next one where it cannot be reached or has no coordinator to ask.
 */
final class ServerRing implements AutoCloseable {
    /** Of HTTP: ask again, or another one. */
    static final int BUSY = 503;

    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** However many servers share the time there is. */
    private static final Duration ATTEMPT_MIN = Duration.ofSeconds(1);

    private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

    private final ServerAddress servers;
    private final ClientPatience patience;
    private final HttpClient client;
    private final AtomicInteger at = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    ServerRing(ServerAddress servers, ClientPatience patience) {
        this.servers = servers;
        this.patience = patience;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .version(HttpClient.Version.HTTP_1_1);
        servers.trust().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** What becomes of a request that one server did not answer. */
    enum Repeat {
        /** It does no harm to ask twice: the next server is asked, again and again for a while. */
        ALWAYS,
        /** The next server is asked once, where this one cannot have seen the request. */
        UNSEEN
    }

    private sealed interface Answer<T> {
        record Given<T>(T body) implements Answer<T> {}

        record Refused<T>(ProblemDetail problem) implements Answer<T> {}

        /**
         * @param after which the server wants to be asked again
         */
        record Busy<T>(ProblemDetail problem, Duration after) implements Answer<T> {}
    }

    /**
     * @param path below that of the interface
     * @param request gives it its method and headers
     */
    <T> T ask(
            Repeat repeat,
            String path,
            UnaryOperator<HttpRequest.Builder> request,
            BodyHandler<T> body)
            throws ServerException, InterruptedException {
        long end = System.nanoTime() + patience.bound().toNanos();
        while (true) {
            switch (round(repeat, path, request, body, end)) {
                case Answer.Given<T>(T given) -> {
                    return given;
                }
                case Answer.Refused<T>(ProblemDetail problem) ->
                        throw ServerException.refused(problem);
                case Answer.Busy<T>(ProblemDetail problem, Duration after) -> {
                    if (repeat == Repeat.UNSEEN
                            || after.toNanos() > end - System.nanoTime()
                            || closed.await(after.toNanos(), TimeUnit.NANOSECONDS)) {
                        throw ServerException.refused(problem);
                    }
                }
            }
        }
    }

    /** Asks each server at most once. Where none can be reached, waiting is left to the caller. */
    private <T> Answer<T> round(
            Repeat repeat,
            String path,
            UnaryOperator<HttpRequest.Builder> request,
            BodyHandler<T> body,
            long end)
            throws ServerException, InterruptedException {
        List<Outage> outages = new ArrayList<>();
        IOException last = null;
        Answer.Busy<T> busy = null;
        int first = at.get();
        int count = servers.bases().size();
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            URI base = servers.bases().get(index);
            Duration time = repeat == Repeat.ALWAYS ? share(end, count - i) : patience.bound();
            try {
                Answer<T> answer = send(request.apply(request(base, path, time)).build(), body);
                if (!(answer instanceof Answer.Busy<T> one) || repeat == Repeat.UNSEEN) {
                    at.set(index);
                    return answer;
                }
                busy = sooner(busy, one);
            } catch (IOException e) {
                outages.add(Outage.of(base.toString(), e));
                last = e;
                if (repeat == Repeat.UNSEEN && !Outage.isBeforeTheRequest(e)) {
                    break;
                }
            }
        }
        if (busy == null) {
            throw ServerException.unreachable(outages, last);
        }
        return busy;
    }

    /** A server that hangs must leave time for the others. */
    private static Duration share(long end, int servers) {
        Duration share = Duration.ofNanos((end - System.nanoTime()) / servers);
        return share.compareTo(ATTEMPT_MIN) < 0 ? ATTEMPT_MIN : share;
    }

    private static <T> Answer.Busy<T> sooner(Answer.@Nullable Busy<T> one, Answer.Busy<T> other) {
        return one == null || one.after().compareTo(other.after()) > 0 ? other : one;
    }

    private HttpRequest.Builder request(URI base, String path, Duration time) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + "/api/v1" + path)).timeout(time);
        return servers.token()
                .map(token -> request.header("Authorization", "Bearer " + token))
                .orElse(request);
    }

    private <T> Answer<T> send(HttpRequest request, BodyHandler<T> body)
            throws IOException, InterruptedException {
        return client.send(request, info -> subscriber(info, body)).body();
    }

    private <T> BodySubscriber<Answer<T>> subscriber(ResponseInfo info, BodyHandler<T> body) {
        if (info.statusCode() / 100 == 2) {
            return BodySubscribers.mapping(body.apply(info), Answer.Given::new);
        }
        return BodySubscribers.mapping(
                BodySubscribers.ofString(StandardCharsets.UTF_8),
                text -> {
                    ProblemDetail problem = problem(info.statusCode(), text);
                    return info.statusCode() == BUSY
                            ? new Answer.Busy<>(problem, after(info))
                            : new Answer.Refused<>(problem);
                });
    }

    private Duration after(ResponseInfo info) {
        return info.headers()
                .firstValue("Retry-After")
                .filter(text -> SECONDS.matcher(text).matches())
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .filter(asked -> asked.compareTo(patience.pause()) > 0)
                .orElse(patience.pause());
    }

    /** Whatever stands between may answer something else than a problem document. */
    private static ProblemDetail problem(int status, String body) {
        try {
            return ApiJson.read(body, ProblemDetail.class);
        } catch (JsonProcessingException e) {
            return ProblemDetail.of(
                    status, "", "API-" + status, "the server answered %d".formatted(status));
        }
    }

    /** The server that answered last. */
    String current() {
        return servers.bases().get(at.get()).toString();
    }

    /** That one has gone silent or away, so that another one is asked first. */
    void leave() {
        at.updateAndGet(index -> (index + 1) % servers.bases().size());
    }

    @Override
    public void close() {
        closed.countDown();
        client.shutdownNow();
    }
}
