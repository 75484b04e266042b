package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

class QueryReaderTest {
    @Test
    void aParameterThatThereIsNotIsNamedWithThoseThatThereAre() {
        assertThat(QueryReader.unknown(Set.of("dryrun"), List.of("dryRun")))
                .hasValue(
                        "there is no parameter `dryrun` here (did you mean 'dryRun'?); this takes"
                                + " dryRun");
        assertThat(QueryReader.unknown(Set.of("limit", "colour"), List.of("limit", "cursor")))
                .hasValue("there is no parameter `colour` here; this takes limit, cursor");
        assertThat(QueryReader.unknown(Set.of("x"), List.of()))
                .hasValue("there is no parameter `x` here; this takes none");
    }

    @Test
    void thoseThatThereAreMayBeLeftOut() {
        assertThat(QueryReader.unknown(Set.of(), List.of("step"))).isEmpty();
        assertThat(QueryReader.unknown(Set.of("step"), List.of("step"))).isEmpty();
    }
}
