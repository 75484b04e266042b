package io.accrete.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void isRenderedWithoutWhatATerminalWouldObey() {
        String foreign = "a\u001b[31m\nb";
        Problem problem =
                new Problem(
                        Problem.Severity.ERROR,
                        "STO-001",
                        foreign,
                        1,
                        2,
                        foreign,
                        foreign,
                        foreign);

        assertThat(problem.render())
                .contains("a\\u{1b}[31m\\u{a}b:1:2  [STO-001] ")
                .doesNotContain("\u001b")
                .hasLineCount(4);
    }

    @Test
    void countsInWords() {
        assertThat(Quantity.of(1, "shard")).isEqualTo("1 shard");
        assertThat(Quantity.of(0, "entry", "entries")).isEqualTo("0 entries");
        assertThat(Quantity.of(12_000, "tensor")).isEqualTo("12,000 tensors");
    }
}
