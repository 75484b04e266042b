package io.accrete.coordinator.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.ETag;
import akka.http.javadsl.model.headers.EntityTag;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * {@code /openapi.yaml}: what describes this interface; whoever has it need not be sent it again.
 */
final class DocumentRoutes extends AllDirectives {
    private static final String NAME = "openapi.yaml";
    private static final ContentType YAML =
            MediaTypes.applicationWithFixedCharset("yaml", HttpCharsets.UTF_8).toContentType();

    private final Guard guard;
    private final byte[] text;
    private final String tag;

    DocumentRoutes(Guard guard) {
        this.guard = guard;
        this.text = read();
        this.tag = Sha256.hex(text);
    }

    private static byte[] read() {
        try (InputStream in = DocumentRoutes.class.getResourceAsStream(NAME)) {
            if (in == null) {
                throw new IllegalStateException(NAME + " is not beside its class");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Route route() {
        return path(
                NAME,
                () ->
                        get(
                                () ->
                                        guard.open(
                                                () ->
                                                        optionalHeaderValueByName(
                                                                "If-None-Match",
                                                                known ->
                                                                        complete(answer(known))))));
    }

    /** The tag is a weak one, since a packed answer has other bytes. */
    private HttpResponse answer(Optional<String> known) {
        HttpResponse response =
                known.filter(this::isIts).isPresent()
                        ? HttpResponse.create().withStatus(StatusCodes.NOT_MODIFIED)
                        : HttpResponse.create().withEntity(YAML, text);
        return response.addHeader(ETag.create(EntityTag.create(tag, true)));
    }

    private boolean isIts(String known) {
        return known.strip().equals("*") || known.contains('"' + tag + '"');
    }
}
