package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterLookTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "2, 3", "3, 5"})
    void aMajorityWorks(int seen, int all) {
        assertThat(ClusterLook.minority(seen, all)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 3", "2, 4", "2, 5"})
    void halfIsNoMajority(int seen, int all) {
        assertThat(ClusterLook.minority(seen, all))
                .hasValueSatisfying(
                        sentence -> assertThat(sentence).contains(seen + " of the " + all));
    }

    /** Its state is not known yet. */
    @Test
    void aNodeThatIsNoMemberYetSaysNothing() {
        assertThat(ClusterLook.minority(0, 0)).isEmpty();
    }
}
