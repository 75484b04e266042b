package io.accrete.cli;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;

import io.accrete.node.LogFormat;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.job.LogFields;

import org.slf4j.event.KeyValuePair;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Writes what is logged as one line: time, level, logger, message, and which job, task, worker and
 * epoch it is about. In JSON the stack trace of what went wrong is a field, in text it follows.
 */
final class LogLine extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = new byte[0];

    private final LogFormat format;
    private final ThrowableProxyConverter traces = new ThrowableProxyConverter();

    LogLine(LogFormat format) {
        this.format = format;
    }

    @Override
    public void start() {
        traces.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line =
                switch (format) {
                    case TEXT -> text(event);
                    case JSON -> json(event);
                };
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private String text(ILoggingEvent event) {
        String logger = event.getLoggerName();
        StringJoiner about = new StringJoiner(" ", " [", "]").setEmptyValue("");
        fields(event).forEach((name, value) -> about.add(name + "=" + value));
        return "%s %-5s %s: %s%s\n%s"
                .formatted(
                        event.getInstant(),
                        event.getLevel(),
                        logger.substring(logger.lastIndexOf('.') + 1),
                        event.getFormattedMessage(),
                        about,
                        traces.convert(event));
    }

    private String json(ILoggingEvent event) {
        Map<String, String> line = new LinkedHashMap<>();
        line.put("time", event.getInstant().toString());
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("message", event.getFormattedMessage());
        line.putAll(fields(event));
        if (event.getThrowableProxy() != null) {
            line.put("trace", traces.convert(event));
        }
        return ApiJson.write(line) + "\n";
    }

    private static Map<String, String> fields(ILoggingEvent event) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : LogFields.ALL) {
            String value = event.getMDCPropertyMap().get(field);
            if (value != null) {
                fields.put(field, value);
            }
        }
        // What one line alone is about does not go through the context of its thread.
        for (KeyValuePair pair : keyValues(event)) {
            if (LogFields.ALL.contains(pair.key)) {
                fields.put(pair.key, String.valueOf(pair.value));
            }
        }
        return fields;
    }

    private static List<KeyValuePair> keyValues(ILoggingEvent event) {
        return event.getKeyValuePairs() == null ? List.of() : event.getKeyValuePairs();
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
