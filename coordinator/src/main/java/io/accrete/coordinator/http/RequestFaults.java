package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.MethodRejection;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.UnacceptedResponseContentTypeRejection;
import akka.http.javadsl.server.UnacceptedResponseEncodingRejection;
import akka.http.javadsl.server.UnsupportedRequestEncodingRejection;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.http.scaladsl.model.IllegalRequestException;
import akka.http.scaladsl.model.IllegalUriException;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.ZipException;

/** Answers requests that no route takes, or whose bodies cannot be read. */
final class RequestFaults extends AllDirectives {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONTENT_TOO_LARGE = 413;

    private final ApiSettings settings;

    RequestFaults(ApiSettings settings) {
        this.settings = settings;
    }

    /** What goes wrong while a request is read is the caller's fault. */
    ExceptionHandler failures() {
        return ExceptionHandler.newBuilder()
                .match(EntityStreamSizeException.class, _ -> complete(tooLarge()))
                .match(
                        IllegalUriException.class,
                        _ -> complete(Answers.badRequest("the path or the query is malformed")))
                .match(
                        ZipException.class,
                        _ ->
                                complete(
                                        Answers.badRequest(
                                                "the body is not what its Content-Encoding says")))
                .match(IllegalRequestException.class, failure -> complete(illegal(failure)))
                .matchAny(failure -> complete(Answers.failure(failure)))
                .build();
    }

    private HttpResponse tooLarge() {
        return Answers.problem(
                StatusCodes.CONTENT_TOO_LARGE,
                "API-413",
                "a body has at most %,d bytes".formatted(settings.bodyBytesMax()));
    }

    private HttpResponse illegal(IllegalRequestException failure) {
        return switch (failure.status().intValue()) {
            case CONTENT_TOO_LARGE -> tooLarge();
            case REQUEST_TIMEOUT ->
                    Answers.problem(
                            StatusCodes.REQUEST_TIMEOUT,
                            "API-408",
                            "a body must have arrived within %d s"
                                    .formatted(settings.bodyTimeout().toSeconds()));
            default -> Answers.badRequest("the request is malformed");
        };
    }

    /** Of the rest only the status is known. */
    RejectionHandler rejections() {
        return RejectionHandler.newBuilder()
                .handle(
                        UnsupportedRequestEncodingRejection.class,
                        _ ->
                                complete(
                                        Answers.problem(
                                                StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                                                "API-415",
                                                "a body is sent as it is, or with"
                                                    + " `Content-Encoding: gzip` or `deflate`")))
                .handleAll(
                        MethodRejection.class,
                        rejected -> extractMethod(method -> complete(notAllowed(method, rejected))))
                .handle(
                        UnacceptedResponseContentTypeRejection.class,
                        _ ->
                                complete(
                                        notAcceptable(
                                                "`Accept` does not allow what is answered here;"
                                                        + " events are `text/event-stream`")))
                .handle(
                        UnacceptedResponseEncodingRejection.class,
                        _ ->
                                complete(
                                        notAcceptable(
                                                "`Accept-Encoding` allows no encoding that there"
                                                        + " is: gzip, deflate, identity")))
                .handleNotFound(
                        complete(
                                Answers.problem(
                                        StatusCodes.NOT_FOUND,
                                        "API-404",
                                        "there is nothing here; /api/v1/openapi.yaml lists what"
                                                + " there is")))
                .build()
                .withFallback(
                        RejectionHandler.defaultHandler()
                                .mapRejectionResponse(RequestFaults::asProblem));
    }

    /** {@code HEAD} goes with {@code GET}, as Akka has it. */
    private static HttpResponse notAllowed(HttpMethod method, List<MethodRejection> rejected) {
        SortedSet<String> allowed = new TreeSet<>();
        rejected.forEach(one -> allowed.add(one.supported().value()));
        if (allowed.contains(HttpMethods.GET.value())) {
            allowed.add(HttpMethods.HEAD.value());
        }
        String all = String.join(", ", allowed);
        return Answers.problem(
                        StatusCodes.METHOD_NOT_ALLOWED,
                        "API-405",
                        "%s is not for this path; it has %s".formatted(method.value(), all))
                .addHeader(RawHeader.create("Allow", all));
    }

    private static HttpResponse notAcceptable(String sentence) {
        return Answers.problem(StatusCodes.NOT_ACCEPTABLE, "API-406", sentence);
    }

    private static HttpResponse asProblem(HttpResponse response) {
        return Answers.problem(
                        response.status(),
                        "API-" + response.status().intValue(),
                        response.status().defaultMessage())
                .addHeaders(response.getHeaders());
    }
}
