package io.accrete.coordinator.http;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.SourceText;
import io.accrete.coordinator.yaml.TextKind;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlTree;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The body of a submission, read as JSON or as YAML.
 *
 * @param document there unless it is no job
 * @param fault why it is none, as a sentence
 * @param errors the same with places, of YAML
 */
record JobBody(Optional<JobDocument> document, String fault, List<Problem> errors) {
    private static final TextKind KIND = new TextKind("job document", "API", (_, _, _, _) -> {});

    /** What aliases stand for counts in full. */
    private static final int VALUES_MAX = 10_000;

    static JobBody ofJson(String text) {
        try {
            return checked(ApiJson.readStrictly(text, JobDocument.class), List.of());
        } catch (JsonProcessingException e) {
            return refused("the body is no job: " + JsonFaults.sentence(e), List.of());
        }
    }

    /** One document; nothing is ever constructed from a tag. */
    static JobBody ofYaml(String text) {
        ProblemLog log = new ProblemLog(KIND, true);
        List<YamlNode> documents = YamlTree.read(new SourceText("body", text), log);
        if (log.hasErrors()) {
            return refused("the body is no job: it cannot be read as YAML", log.inOrder());
        }
        if (documents.size() != 1) {
            return refused(
                    "the body has %d YAML documents, a job is one".formatted(documents.size()),
                    List.of());
        }
        YamlNode root = documents.getFirst();
        if (root.size() > VALUES_MAX) {
            return refused(
                    "the body stands for %,d values, a job has at most %,d"
                            .formatted(root.size(), VALUES_MAX),
                    List.of());
        }
        try {
            return checked(ApiJson.convertStrictly(plain(root), JobDocument.class), List.of());
        } catch (JsonProcessingException e) {
            return refused("the body is no job: " + JsonFaults.sentence(e), List.of());
        }
    }

    private static JobBody checked(@Nullable JobDocument document, List<Problem> errors) {
        String fault = document == null ? "the body is empty" : document.fault();
        return fault == null
                ? new JobBody(Optional.ofNullable(document), "", errors)
                : refused(fault, errors);
    }

    private static JobBody refused(String fault, List<Problem> errors) {
        return new JobBody(Optional.empty(), fault, errors);
    }

    private static @Nullable Object plain(YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar scalar ->
                    switch (scalar.kind()) {
                        case NULL -> null;
                        case FLAG, INTEGER, FRACTION -> scalar.value();
                        case TEXT, DATE -> scalar.text();
                    };
            case YamlNode.Sequence list -> {
                List<@Nullable Object> items = new ArrayList<>();
                list.items().forEach(item -> items.add(plain(item)));
                yield items;
            }
            case YamlNode.Mapping mapping -> {
                Map<String, @Nullable Object> entries = new LinkedHashMap<>();
                mapping.entries().forEach(e -> entries.put(e.key().text(), plain(e.value())));
                yield entries;
            }
        };
    }
}
