package io.accrete.node;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.ApiDocument.Answer;
import io.accrete.node.ApiDocument.Operation;
import io.accrete.protocol.http.ApiJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** What a server says of trainings is what its OpenAPI document says. */
class OpenApiTrainingTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @RegisterExtension private final TrainingNode server = new TrainingNode(1);

    private static String job(String output, int steps) {
        return ApiJson.write(
                Map.of(
                        "kind",
                        "train",
                        "job",
                        """
                        model: base
                        sites: [0, 1, 2, 1, 2, 3, 4]
                        data: {train: [text.txt], validation: [text.txt], sequence_length: 33}
                        batch: {micro_batch: 2, accumulate: 2}
                        optimizer: {learning_rate: 0.001}
                        steps: %d
                        checkpoint: {every: 5, keep: 100}
                        pipeline: {stages: 2}
                        monitor: {validate_every: 5, sample: ["The dog"]}
                        """
                                .formatted(steps),
                        "output",
                        output));
    }

    @Test
    void answersAboutTrainingsAreAsDescribed() throws Exception {
        Asker asker = new Asker(ApiDocument.of(asked("get", "/api/v1/openapi.yaml", "").body()));
        asker.ask("post /jobs", "", "?dryRun=true", job("short", 10), 200);
        String ended = asker.submit(job("short", 10));
        asker.until(ended, job -> job.path("state").asText().equals("SUCCEEDED"));
        for (String paper : new String[] {"plan", "artifacts", "metrics", "logs", "events"}) {
            asker.ask("get /jobs/{id}/" + paper, ended, "", "", 200);
        }
        asker.ask("post /jobs/{id}/export", ended, "?output=copy", "", 201);

        String endless = asker.submit(job("endless", 100_000));
        asker.until(endless, job -> job.path("training").path("checkpoints").size() > 1);
        asker.ask("get /workers", "", "", "", 200);
        asker.ask("get /jobs/{id}/plan", endless, "", "", 200);
        asker.ask("post /jobs/{id}/pause", endless, "", "", 202);
        asker.ask("post /jobs/{id}/export", endless, "?output=saved&step=5", "", 201);
        asker.ask("post /jobs/{id}/rollback", endless, "?step=5", "", 202);
        asker.ask("post /jobs/{id}/cancel", endless, "", "", 202);
        asker.ask("get /jobs", "", "?kind=export", "", 200);
    }

    /** Asks for what a document describes. */
    private final class Asker {
        private final ApiDocument document;

        Asker(ApiDocument document) {
            this.document = document;
        }

        JsonNode ask(String operation, String value, String query, String body, int status)
                throws Exception {
            Operation found =
                    document.operations().stream()
                            .filter(one -> one.toString().equals(operation))
                            .findFirst()
                            .orElseThrow();
            Answer answer = asked(found.verb(), found.at(value) + query, body);
            return document.assertDescribed(found, answer, status);
        }

        String submit(String job) throws Exception {
            return ask("post /jobs", "", "", job, 201).path("id").asText();
        }

        void until(String job, Predicate<JsonNode> condition) {
            await().atMost(PATIENCE)
                    .until(() -> ask("get /jobs/{id}", job, "", "", 200), condition);
        }
    }

    private Answer asked(String verb, String path, String body) throws Exception {
        return Answer.of(
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create(server.url() + path))
                                .timeout(PATIENCE)
                                .header("Content-Type", "application/json")
                                .method(
                                        verb.toUpperCase(Locale.ROOT),
                                        BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString()));
    }
}
