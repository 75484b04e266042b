package io.accrete.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.JobPhase;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers as a test tells it to, in place of a node, and remembers what it was asked. */
public final class StandInServer implements AutoCloseable {
    /** Nobody listens on this port. */
    public static final String NOBODY = "http://127.0.0.1:1";

    /** That has succeeded. */
    public static final String JOB =
            """
            {"id": "j", "kind": "MERGE", "state": "SUCCEEDED", "reason_code": "DONE",
             "reason": "published", "output": "/out", "progress": {}, "running": [],
             "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
             "problems": []}
            """;

    /** Breaks the connection, whatever has been written. */
    public static final HttpHandler BREAKS =
            exchange -> {
                throw new IOException("broken on purpose: " + exchange.getRequestURI());
            };

    /** One request. */
    public record Asked(
            String path, Optional<String> token, Optional<String> key, Optional<String> after) {
        private static Asked of(HttpExchange exchange) {
            return new Asked(
                    exchange.getRequestURI().getPath(),
                    header(exchange, "Authorization"),
                    header(exchange, "Idempotency-Key"),
                    header(exchange, "Last-Event-ID"));
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    public StandInServer(HttpHandler answers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    asked.add(Asked.of(exchange));
                    answers.handle(exchange);
                });
        server.start();
    }

    private static Optional<String> header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /** Its address. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** All requests so far. */
    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** An answer of 200. */
    public static void answer(HttpExchange exchange, String json) throws IOException {
        write(exchange, 200, json);
    }

    /** An answer of a server without a coordinator. */
    public static void busy(HttpExchange exchange, String after) throws IOException {
        exchange.getResponseHeaders().set("Retry-After", after);
        write(
                exchange,
                503,
                ApiJson.write(ProblemDetail.of(503, "busy", "API-503", "the coordinator moves")));
    }

    private static void write(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Writes the events up to that one, without those that are known; the stream stays open. */
    public static void events(HttpExchange exchange, long last) throws IOException {
        long known = Long.parseLong(header(exchange, "Last-Event-ID").orElseThrow());
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        for (long number = known + 1; number <= last; number++) {
            JobNews news =
                    new JobNews(
                            number,
                            Instant.EPOCH,
                            "Told",
                            number == 3 ? JobPhase.SUCCEEDED : JobPhase.RUNNING,
                            "event " + number);
            out.write(
                    "data:%s\n\n".formatted(ApiJson.write(news)).getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    /** Says nothing until this server ends. */
    public static void fallSilent() throws IOException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException closed) {
            throw new IOException(closed);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
