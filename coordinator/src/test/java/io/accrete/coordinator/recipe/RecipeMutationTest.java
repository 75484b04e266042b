package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Recipes with random damage: whatever the text, there is an answer, and it comes soon. */
class RecipeMutationTest {
    private static final List<String> SEEDS =
            List.of(
                    """
                    x-common: &common {model: org/a@main+lora, layer_range: [0, 4]}
                    merge_method: linear
                    dtype: bfloat16
                    slices:
                      - sources:
                          - <<: *common
                            parameters:
                              weight: [{filter: mlp, value: [0, 0.5, 1e-1]}, {value: .5}]
                          - model: {model: {path: b, revision: c}, override_architecture: Llama}
                            layer_range: ["0", 4.0]
                            parameters: {weight: yes}
                        base_model: b
                        parameters: {normalize: no}
                    """,
                    """
                    merge_method: della
                    base_model: a
                    models:
                      - model: b
                        parameters: {weight: 1, density: 0.5, epsilon: 0.1}
                    tokenizer:
                      source: union
                      tokens:
                        <s>: {source: {kind: model_token, model: a, token_id: 1}, force: true}
                    chat_template: "{% for m in messages %}{{ m }}\\n{% endfor %}"
                    ---
                    name: second
                    merge_method: slerp
                    parameters: {t: [0, 1:30, 0x1, !!float 1]}
                    modules: {default: {models: [{model: &m a}, {model: *m}]}}
                    """);
    private static final List<String> PIECES =
            List.of(
                    ": ",
                    "- ",
                    "[",
                    "]",
                    "{",
                    "}",
                    "&a ",
                    "*a",
                    "<<: ",
                    "!!int ",
                    "!x ",
                    "|",
                    ">",
                    "\t",
                    "\n",
                    "\n  ",
                    "---\n",
                    "...",
                    "'",
                    "\"",
                    "#",
                    "%",
                    "@",
                    "`",
                    "?",
                    ",",
                    "\\x",
                    "~",
                    "1",
                    "-1",
                    "1e999",
                    ".nan",
                    "null",
                    "\u0000",
                    "\uFEFF",
                    "\uD800",
                    "\u2028",
                    "\r",
                    "é",
                    "😀",
                    "experts: ",
                    "2001-01-01",
                    "99999999999999999999",
                    "=");

    @Test
    void anyTextIsAnswered() {
        Random random = new Random(42);
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        int texts = 0;
        while (System.nanoTime() < end) {
            String text = SEEDS.get(random.nextInt(SEEDS.size()));
            for (int i = random.nextInt(6); i >= 0; i--) {
                text = damaged(text, random);
            }
            for (Problem problem : read(text).problems()) {
                assertThat(problem.render()).isNotBlank();
            }
            texts++;
        }
        assertThat(texts).isGreaterThan(20);
    }

    private static ParsedRecipe read(String text) {
        try {
            return RecipeReader.read("r.yml", text, text.length() % 2 == 0);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("no answer for\n" + text, e);
        }
    }

    private static String damaged(String text, Random random) {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(20));
        return switch (random.nextInt(5)) {
            case 0 -> text.substring(0, from) + text.substring(to);
            case 1 -> text.substring(0, to) + text.substring(from);
            case 2 -> text.substring(0, from);
            case 3 -> text.substring(0, from) + piece(random) + text.substring(to);
            default -> text.substring(0, from) + piece(random) + text.substring(from);
        };
    }

    private static String piece(Random random) {
        return PIECES.get(random.nextInt(PIECES.size()));
    }

    @Test
    void halfAThousandSlicesAreReadAtOnce() {
        StringBuilder text = new StringBuilder("merge_method: passthrough\nslices:\n");
        for (int i = 0; i < 500; i++) {
            text.append(
                    """
                      - sources:
                          - model: models/some-model
                            layer_range: [%d, %d]
                            parameters: {scale: [{filter: o_proj, value: 0.5}, {value: 1}]}
                    """
                            .formatted(i, i + 1));
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8; i++) {
            long start = threads.getCurrentThreadCpuTime();
            assertThat(Recipes.accepted(text.toString()).modules().getFirst().slices())
                    .hasSize(500);
            least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
        }
        // about 40 ms when warm; only a change of the order of magnitude breaks this bound
        assertThat(Duration.ofNanos(least)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aLongTextOfAnySortEndsSoon() {
        for (String piece :
                List.of(
                        "- a\n", "[", "{a: ", "? ", "- - ", "&a ", "a: ", "!!", "'", "\n", "a", " ",
                        "|\n")) {
            ParsedRecipe parsed = Recipes.read(piece.repeat(50_000 / piece.length()));
            assertThat(parsed.hasErrors()).as(piece).isTrue();
        }
    }
}
