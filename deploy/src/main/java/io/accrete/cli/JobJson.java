package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;

import java.util.LinkedHashMap;
import java.util.Map;

/** A record of the HTTP interface as an object of {@code --json}: the same names. */
final class JobJson {
    private JobJson() {}

    static Map<?, ?> of(Object record) {
        try {
            return ApiJson.read(ApiJson.write(record), LinkedHashMap.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was just written cannot be read", e);
        }
    }
}
