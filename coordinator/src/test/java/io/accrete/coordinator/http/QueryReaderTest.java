package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobKind;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

class QueryReaderTest {
    @Test
    void aParameterThatThereIsNotIsNamedWithThoseThatThereAre() {
        assertThat(misplaced(List.of("dryRun"), "dryrun"))
                .hasValue(
                        "there is no parameter `dryrun` here (did you mean 'dryRun'?); this takes"
                                + " dryRun");
        assertThat(misplaced(List.of("limit", "cursor"), "limit", "colour"))
                .hasValue("there is no parameter `colour` here; this takes limit, cursor");
        assertThat(misplaced(List.of(), "x"))
                .hasValue("there is no parameter `x` here; this takes none");
    }

    @Test
    void thoseThatThereAreMayBeLeftOut() {
        assertThat(misplaced(List.of("step"))).isEmpty();
        assertThat(misplaced(List.of("step"), "step")).isEmpty();
    }

    @Test
    void whichOfTwoIsMeantNobodyKnows() {
        assertThat(misplaced(List.of("limit", "step"), "limit", "step", "step"))
                .hasValue("`step` is given more than once");
    }

    @Test
    void whoAsksForAnotherKindIsToldWhichThereAre() {
        QueryReader grow = new QueryReader(Map.of("kind", "grow"));
        assertThat(grow.oneOf("kind", JobKind.values(), "; more")).isEmpty();
        assertThat(grow.fault()).hasValue("`kind` is one of [MERGE, TRAIN, EXPORT]; more");
    }

    private static Optional<String> misplaced(List<String> names, String... given) {
        Map<String, List<String>> values =
                Arrays.stream(given).collect(Collectors.groupingBy(name -> name));
        return QueryReader.misplaced(values, names);
    }
}
