package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void whatFollowsTheLastStepDoesNotCount() {
        Pace begun = Pace.since(5 * SECOND, 100);
        assertThat(begun.tokensPerSecond()).isEmpty();
        Pace stepped = begun.until(7 * SECOND, 300);
        assertThat(stepped.tokensPerSecond()).contains(100.0);
        assertThat(stepped.until(9 * SECOND, 700).tokensPerSecond()).contains(150.0);
    }
}
