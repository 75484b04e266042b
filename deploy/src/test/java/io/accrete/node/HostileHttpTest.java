package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.accrete.node.ServedNode.Who;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whatever is sent to a node, it answers, keeps its secrets, and goes on. */
class HostileHttpTest {
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int REQUESTS = Integer.getInteger("accrete.requests", 1_000);
    private static final int OPEN_MAX = 100;
    private static final int ANSWER_BYTES_MAX = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What is left after a collection may be more by so much: caches fill up. */
    private static final long GROWTH_BYTES_MAX = 48L << 20;

    @TempDir static Path root;
    private static ServedNode server;
    private static HostileRequests requests;

    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final Deque<Socket> open = new ArrayDeque<>();

    @BeforeAll
    static void start() throws Exception {
        server = ServedNode.start(root);
        Files.createSymbolicLink(root.resolve("way-out"), Path.of("/tmp"));
        requests = new HostileRequests(server.operations());
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void someOfEachKindAreSurvived() throws Exception {
        attack(0, 6 * requests.kinds());
        assertItGoesOn("after-few");
    }

    @Test
    @Tag("process")
    void manyAreSurvivedInBoundedMemory() throws Exception {
        int warmUp = Math.min(REQUESTS / 2, 20 * requests.kinds());
        attack(0, warmUp);
        long before = heapBytes();
        attack(warmUp, REQUESTS);
        long grown = heapBytes() - before;
        System.out.printf(
                "%d hostile requests, seed %d, heap grown by %,d bytes: %s%n",
                REQUESTS, SEED, grown, outcomes);
        assertThat(grown).isLessThan(GROWTH_BYTES_MAX);
        assertItGoesOn("after-many");
    }

    @Test
    void aBodyThatNeverComesIsNotWaitedForForEver() throws Exception {
        assertThat(answerBeforeTheBody("Authorization: Bearer " + Who.SUBMIT.token() + "\r\n"))
                .startsWith("HTTP/1.1 408 ")
                .contains("API-408");
    }

    @Test
    void theBodyOfAStrangerIsNotWaitedForAtAll() throws Exception {
        assertThat(answerBeforeTheBody("")).startsWith("HTTP/1.1 401 ").contains("API-401");
    }

    /** As load balancers ask. */
    @Test
    void aRequestOfHttp10NeedsNoHost() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /health/live HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(answer(socket)).startsWith("HTTP/1.1 200 ");
        }
    }

    private static String answerBeforeTheBody(String headers) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(
                            ("POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                            + headers
                                            + "Content-Length: 9\r\n\r\n{")
                                    .getBytes(ISO_8859_1));
            return answer(socket);
        }
    }

    private void attack(int from, int to) throws Exception {
        for (int number = from; number < to; number++) {
            HostileRequest request = requests.make(SEED, number);
            String what = "request %d (seed %d, %s)".formatted(number, SEED, request.kind());
            try {
                check(request, what, send(request));
            } catch (IOException e) {
                throw new AssertionError(what + ": " + shown(request), e);
            }
        }
        while (!open.isEmpty()) {
            open.removeFirst().close();
        }
    }

    private void check(HostileRequest request, String what, String answer) {
        if (answer.isEmpty()) {
            assertThat(request.mayBeCut()).as("%s is answered: %s", what, shown(request)).isTrue();
            outcomes.merge(request.open() ? "left open" : "cut", 1, Integer::sum);
            return;
        }
        assertThat(answer).as(what).matches("(?s)HTTP/1\\.[01] [1-5]\\d\\d .*");
        int status = Integer.parseInt(answer.substring(9, 12));
        outcomes.merge(status + "", 1, Integer::sum);
        String told = "%s: %s was answered %s".formatted(what, shown(request), start(answer));
        assertThat(status).as(told).isLessThan(500);
        if (status < 400) {
            assertThat(request.known()).as(told).isTrue();
            return;
        }
        String sent = new String(request.bytes(), UTF_8);
        for (String inside :
                List.of("Exception", "\tat ", "io.accrete", "akka.", "scala.", "java")) {
            // what was sent may be quoted
            assertThat(answer.contains(inside) && !sent.contains(inside)).as(told).isFalse();
        }
        if (!request.trusted()) {
            assertThat(answer).as(told).doesNotContain(root.toString());
        }
    }

    private static String shown(HostileRequest request) {
        return start(new String(request.bytes(), ISO_8859_1));
    }

    private static String start(String text) {
        return text.substring(0, Math.min(text.length(), 600));
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(server.address().host(), server.address().port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** All that comes back until the server ends the connection; nothing if it only does that. */
    private String send(HostileRequest request) throws IOException {
        Socket socket = connect();
        if (request.open()) {
            socket.getOutputStream().write(request.bytes());
            open.addLast(socket);
            if (open.size() > OPEN_MAX) {
                open.removeFirst().close();
            }
            return "";
        }
        try (socket) {
            write(socket, request);
            return answer(socket);
        }
    }

    /** The server may have read enough before all is written. */
    private static void write(Socket socket, HostileRequest request) throws IOException {
        try {
            socket.getOutputStream().write(request.bytes());
            if (request.mayBeCut()) {
                socket.shutdownOutput();
            }
        } catch (SocketException ended) {
            // what it answered is read all the same
        }
    }

    private static String answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 14];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                answer.write(buffer, 0, read);
                assertThat(answer.size()).isLessThan(ANSWER_BYTES_MAX);
            }
        } catch (SocketException reset) {
            // the end, if an unfriendly one
        }
        return answer.toString(UTF_8);
    }

    private static void assertItGoesOn(String output) throws Exception {
        assertThat(server.send("get", "/api/v1/jobs", Who.READ, "").statusCode()).isEqualTo(200);
        HttpResponse<String> created =
                server.send("post", "/api/v1/jobs", Who.SUBMIT, ServedNode.merge(output, 2));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String job = ApiJson.read(created.body(), JobResource.class).id();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                ApiJson.read(
                                                                server.send(
                                                                                "get",
                                                                                "/api/v1/jobs/"
                                                                                        + job,
                                                                                Who.READ,
                                                                                "")
                                                                        .body(),
                                                                JobResource.class)
                                                        .state())
                                        .isEqualTo(JobPhase.SUCCEEDED));
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
