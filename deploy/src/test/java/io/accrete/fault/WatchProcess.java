package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.http.JobNews;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** {@code accrete watch} in a process of its own, read as it writes. */
final class WatchProcess {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String servers;
    private final AccreteProcess process;
    private final AtomicLong last = new AtomicLong();
    private final ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor();
    private final Future<Integer> exitCode;

    private WatchProcess(String servers, AccreteProcess process) {
        this.servers = servers;
        this.process = process;
        this.exitCode =
                reader.submit(
                        () -> {
                            process.readUntil(this::isResult);
                            return process.exitCode();
                        });
    }

    /**
     * @param servers one, or several with commas between them
     */
    static WatchProcess start(Path folder, String job, String servers) throws IOException {
        List<String> arguments = List.of("watch", "--json", "--server", servers, job);
        return new WatchProcess(servers, AccreteProcess.start(folder, folder, arguments));
    }

    /** Events have numbers. */
    private boolean isResult(String line) {
        try {
            JsonNode number = JSON.readTree(line).path("number");
            last.set(number.asLong(last.get()));
            return number.isMissingNode();
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    void awaitEvent(long number) {
        Awaitility.await(servers)
                .atMost(ClusterUnderTest.PATIENCE)
                .until(() -> last.get() >= number);
    }

    /** Each event once and in order, then the job's success. */
    void assertToldAll(List<JobNews> log) throws Exception {
        int code = exitCode.get(ClusterUnderTest.RECOVERY.toSeconds(), TimeUnit.SECONDS);
        assertThat(code).as(process::transcript).isZero();
        List<JsonNode> said = process.objects();
        assertThat(said.subList(0, said.size() - 1))
                .as(servers)
                .extracting(
                        one ->
                                "%s %s: %s"
                                        .formatted(
                                                one.path("number").asText(),
                                                one.path("event").asText(),
                                                one.path("message").asText()))
                .containsExactlyElementsOf(
                        log.stream()
                                .map(
                                        news ->
                                                "%d %s: %s"
                                                        .formatted(
                                                                news.number(),
                                                                news.event(),
                                                                news.message()))
                                .toList());
        assertThat(said.getLast().path("state").asText()).as(servers).isEqualTo("SUCCEEDED");
    }

    String err() throws IOException {
        return process.err();
    }

    void kill() throws IOException, InterruptedException {
        process.kill();
        reader.close();
    }
}
