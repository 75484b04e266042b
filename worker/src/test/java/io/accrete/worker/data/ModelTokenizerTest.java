package io.accrete.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

class ModelTokenizerTest {

    @Test
    void idsAndTextsAreThoseOfHuggingFace() throws IOException {
        String goldens = System.getenv("ACCRETE_GOLDENS");
        String data = System.getenv("ACCRETE_DATA");
        assumeTrue(
                goldens != null && data != null,
                "ACCRETE_GOLDENS and ACCRETE_DATA name no folders: tokenizers not compared");
        List<Path> cases;
        try (var files = Files.list(Path.of(goldens, "model", "tokenizer"))) {
            cases = files.toList();
        }
        assertThat(cases).isNotEmpty();
        for (Path file : cases) {
            JsonNode expected = new ObjectMapper().readTree(file.toFile());
            for (JsonNode name : expected.path("tokenizer")) {
                Path folder = Path.of(data).resolve(name.asText()).resolveSibling("");
                try (ModelTokenizer tokenizer = ModelTokenizer.of(folder)) {
                    expected.path("strings").forEach(string -> compare(tokenizer, string));
                }
            }
        }
    }

    private static void compare(ModelTokenizer tokenizer, JsonNode string) {
        String text = string.path("text").asText();
        long[] ids = longs(string.path("ids"));
        long[] withSpecial = longs(string.path("ids_with_special"));
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
        assertThat(tokenizer.encodeWithSpecial(text)).as(text).isEqualTo(withSpecial);
        if (string.has("decoded")) {
            assertThat(tokenizer.decode(ids)).isEqualTo(string.path("decoded").asText());
        }
        if (string.has("decoded_skip_special")) {
            assertThat(tokenizer.decodeWithoutSpecial(ids))
                    .isEqualTo(string.path("decoded_skip_special").asText());
        }
    }

    private static long[] longs(JsonNode numbers) {
        return StreamSupport.stream(numbers.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }
}
