package io.accrete.coordinator.http;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;

/**
 * Answers what is no HTTP request, or one beyond the bounds of its reader; {@code reference.conf}
 * names it. No such fault is the server's: methods and versions that there are not are a bad
 * request too.
 */
final class ParserFaults extends ParsingErrorHandler {
    /** Where Akka looks for an object that is named in a configuration. */
    @SuppressWarnings("unused")
    static final ParserFaults MODULE$ = new ParserFaults();

    private static final int URI_TOO_LONG = 414;
    private static final int HEADERS_TOO_LARGE = 431;
    private static final int NO_METHOD = 501;
    private static final int NO_VERSION = 505;

    private ParserFaults() {}

    @Override
    public HttpResponse handle(
            StatusCode status, ErrorInfo fault, LoggingAdapter log, ServerSettings settings) {
        log.debug("{}: {}", status, fault.formatPretty());
        return switch (status.intValue()) {
            case URI_TOO_LONG -> Answers.problem(status, "API-414", "the path is too long");
            case HEADERS_TOO_LARGE ->
                    Answers.problem(
                            status, "API-431", "there are too many headers, or too long ones");
            case NO_METHOD -> Answers.badRequest("there is no such method in HTTP");
            case NO_VERSION -> Answers.badRequest("this server speaks HTTP/1.1");
            default -> Answers.badRequest("this is no request of HTTP: " + fault.summary());
        };
    }
}
