package io.accrete.oracle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The metrics of a result without the times: what has to be the same for every cut. */
public final class UntimedMetrics {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> TIMES =
            List.of("seconds", "tokens_per_second", "bubble", "bubble_of_even_stages", "stages");

    private UntimedMetrics() {}

    /** Line by line. */
    public static List<String> of(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            ObjectNode figures = (ObjectNode) JSON.readTree(line);
            lines.add(figures.without(TIMES).toString());
        }
        return lines;
    }
}
