package io.accrete.coordinator.http;

import static akka.http.javadsl.server.Directives.complete;
import static akka.http.javadsl.server.Directives.onComplete;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.JobsException;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** Answers of the server: records as JSON, and problem documents. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final ContentType PROBLEM =
            MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8)
                    .toContentType();
    private static final String RETRY_AFTER_SECONDS = "2";

    private Answers() {}

    /** The answer of what was asked, or why there is none. */
    static <T> Route of(CompletionStage<T> asked, Function<T, HttpResponse> response) {
        return then(asked, answer -> complete(response.apply(answer)));
    }

    /** As {@link #of}, where an answer leads on to another route. */
    static <T> Route then(CompletionStage<T> asked, Function<T, Route> route) {
        return onComplete(
                asked,
                result ->
                        result.isSuccess()
                                ? route.apply(result.get())
                                : complete(failure(result.failed().get())));
    }

    static HttpResponse ok(Object record) {
        return json(StatusCodes.OK, record);
    }

    static HttpResponse json(StatusCode status, Object record) {
        return HttpResponse.create()
                .withStatus(status)
                .withEntity(ContentTypes.APPLICATION_JSON, ApiJson.write(record) + "\n");
    }

    /** A job was accepted. */
    static HttpResponse created(JobView view) {
        return json(StatusCodes.CREATED, JobResource.of(view))
                .addHeader(Location.create("/api/v1/jobs/" + view.id()));
    }

    static HttpResponse problem(StatusCode status, String code, String detail) {
        return problem(status, code, detail, List.of());
    }

    static HttpResponse problem(
            StatusCode status, String code, String detail, List<Problem> errors) {
        ProblemDetail problem =
                ProblemDetail.of(status.intValue(), status.reason(), code, detail)
                        .withErrors(errors);
        HttpResponse response =
                HttpResponse.create()
                        .withStatus(status)
                        .withEntity(
                                PROBLEM,
                                (ApiJson.write(problem) + "\n").getBytes(StandardCharsets.UTF_8));
        return status.equals(StatusCodes.SERVICE_UNAVAILABLE)
                ? response.addHeader(RawHeader.create("Retry-After", RETRY_AFTER_SECONDS))
                : response;
    }

    /** Goes on where there is no sentence that says why not. */
    static Route unless(
            Optional<String> sentence, StatusCode status, String code, Supplier<Route> inner) {
        return sentence.<Route>map(why -> complete(problem(status, code, why))).orElseGet(inner);
    }

    static HttpResponse badRequest(String detail) {
        return problem(StatusCodes.BAD_REQUEST, "API-400", detail);
    }

    static HttpResponse noSuchJob(String job) {
        return problem(StatusCodes.NOT_FOUND, "API-404", JobsException.noJob(job));
    }

    /** What a failure of a question to the coordinator means to the caller; never a stack trace. */
    static HttpResponse failure(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null
                        ? thrown.getCause()
                        : thrown;
        if (failure instanceof JobsException refused) {
            String sentence = String.valueOf(refused.getMessage());
            return switch (refused.kind()) {
                case MISSING -> problem(StatusCodes.NOT_FOUND, "API-404", sentence);
                case REFUSED -> problem(StatusCodes.CONFLICT, "API-409", sentence);
                case AWAY -> problem(StatusCodes.SERVICE_UNAVAILABLE, "API-503", sentence);
            };
        }
        LOG.error("a request failed", failure);
        return problem(
                StatusCodes.INTERNAL_SERVER_ERROR,
                "API-500",
                "this is a fault of the server; its log says more");
    }
}
