package io.accrete.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import akka.Done;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.ServerBinding;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.ServerJournal;
import io.accrete.coordinator.http.ApiServer;
import io.accrete.coordinator.http.Roots;
import io.accrete.coordinator.http.Tokens;
import io.accrete.coordinator.job.FigureQuery;
import io.accrete.coordinator.job.Figures;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.JobsException;
import io.accrete.coordinator.job.ListReply;
import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.PlanResource;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.WorkerView;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A server without tokens whose coordinator is moving. */
record AwayServer(ServerJournal journal, ActorSystem<Void> system, ServerBinding binding)
        implements AutoCloseable {
    private static final String JOB =
            "{\"kind\": \"merge\", \"recipe\": \"x\", \"output\": \"out\"}";

    static AwayServer start(Path root) throws Exception {
        ServerJournal journal = ServerJournal.in(root.resolve("state-away"));
        Config config =
                ConfigFactory.parseString(
                                """
                                akka.actor.provider = cluster
                                akka.remote.artery.canonical {hostname = 127.0.0.1, port = 0}
                                """)
                        .withFallback(journal.config())
                        .withFallback(ConfigFactory.load());
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "away", config);
        Nobody nobody = new Nobody();
        ServerBinding binding =
                ApiServer.bind(
                                system,
                                nobody,
                                nobody,
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                Tokens.none(),
                                Roots.of(List.of(root), root.resolve("state")),
                                "test")
                        .toCompletableFuture()
                        .get();
        return new AwayServer(journal, system, binding);
    }

    int port() {
        return binding.localAddress().getPort();
    }

    /** By its own name, with a job where it is a submission. */
    ApiDocument.Answer send(String verb, String path) throws IOException {
        return send(verb, path, "127.0.0.1:" + port(), "");
    }

    /**
     * A client of Java sends no Host of one's own.
     *
     * @param headers more of them, each with its line's end
     */
    ApiDocument.Answer send(String verb, String path, String host, String headers)
            throws IOException {
        String body = path.matches("/api/v1/jobs(\\?.*)?") && verb.equals("post") ? JOB : "";
        String request =
                """
                %s %s HTTP/1.1\r
                Host: %s\r
                Connection: close\r
                Content-Type: application/json\r
                %sContent-Length: %d\r
                \r
                %s\
                """
                        .formatted(
                                verb.toUpperCase(Locale.ROOT),
                                path,
                                host,
                                headers,
                                body.length(),
                                body);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return ApiDocument.Answer.of(
                    new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
        }
    }

    @Override
    public void close() throws IOException {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
        journal.close();
    }

    /** Answers as a client of a coordinator does that nobody can reach. */
    private static final class Nobody implements Jobs, JobPlans {
        private static <T> CompletionStage<T> away() {
            return CompletableFuture.failedStage(
                    new JobsException(JobsException.Kind.AWAY, "the coordinator is moving", null));
        }

        @Override
        public CompletionStage<JobView> submit(JobSpec spec, String idempotencyKey, String user) {
            return away();
        }

        @Override
        public Optional<JobSpec> beforehand(JobSpec spec) {
            return Optional.empty();
        }

        @Override
        public CompletionStage<Optional<JobView>> view(String job) {
            return away();
        }

        @Override
        public CompletionStage<Done> presence() {
            return away();
        }

        @Override
        public CompletionStage<ListReply> list(JobQuery query) {
            return away();
        }

        @Override
        public CompletionStage<Figures> figures() {
            return away();
        }

        @Override
        public CompletionStage<List<WorkerView>> workers() {
            return away();
        }

        @Override
        public CompletionStage<WorkerView> drain(String worker) {
            return away();
        }

        @Override
        public CompletionStage<JobView> pause(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> resume(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> cancel(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> rollBack(String job, int step) {
            return away();
        }

        @Override
        public CompletionStage<JobView> recut(String job, JobCommand.Recut recut) {
            return away();
        }

        @Override
        public CompletionStage<String> delete(String job) {
            return away();
        }

        @Override
        public CompletionStage<Trial> tryOut(JobSpec spec) {
            return away();
        }

        @Override
        public CompletionStage<PlanResource> of(String job) {
            return away();
        }

        @Override
        public CompletionStage<FigurePage> figures(JobView job, FigureQuery query) {
            return away();
        }
    }
}
