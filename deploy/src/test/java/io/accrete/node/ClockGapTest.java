package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;

class ClockGapTest {
    private static final Instant ASKED = Instant.parse("2026-11-30T12:00:00Z");

    private static ClockGap gap(long roundTrip, long there, long stale) {
        return ClockGap.of(
                ASKED,
                ASKED.plusMillis(roundTrip),
                ASKED.plusMillis(there),
                Duration.ofMillis(stale));
    }

    /** In milliseconds after the question. */
    @ParameterizedTest
    @CsvSource({
        "100, 50, 0, 0, 50",
        "100, 0, 0, 0, 100",
        "4000, 100, 0, 0, 3900",
        "100, -1900, 2000, 0, 2000",
        "100, 5100, 0, 5000, 5100",
        "4000, 5100, 0, 1100, 5100",
        "100, -5000, 0, 5000, 5100",
        "100, -5000, 2000, 3000, 5100",
    })
    void theTruthLiesBetween(long roundTrip, long there, long stale, long least, long most) {
        ClockGap gap = gap(roundTrip, there, stale);
        assertThat(gap.least()).hasMillis(least);
        assertThat(gap.most()).hasMillis(most);
    }

    @Test
    void onlyWhatIsProvenIsIll() {
        assertThat(NodeDoctor.clocks("its", gap(9_000, 4_500, 2_000)))
                .isEqualTo(HealthCheck.well("clocks", "at most 6.5 s apart from its"));
        HealthCheck ill = NodeDoctor.clocks("its", gap(1_000, 4_500, 0));
        assertThat(ill.state()).isEqualTo(HealthCheck.State.ILL);
        assertThat(ill.found()).isEqualTo("at least 3.5 s apart from its");
    }
}
