package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.node.HealthCheck;
import io.accrete.protocol.http.FoldersResource;
import io.accrete.protocol.http.FoldersResource.Root;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

/** What is said of the roots that a node tells. */
class FolderDoctorTest {
    private static List<HealthCheck> looked(Root... roots) {
        return FolderDoctor.look(new FoldersResource("a:1", List.of(roots)), Optional.empty());
    }

    private static Root root(String path, List<String> shared, List<String> unseen) {
        return new Root(path, Optional.of("3f"), shared, unseen);
    }

    @Test
    void aFolderThatAllSeeIsWell() {
        assertThat(looked(root("/data", List.of("a:1", "b:1", "c:1"), List.of())))
                .singleElement()
                .satisfies(
                        check -> {
                            assertThat(check.state()).isEqualTo(HealthCheck.State.WELL);
                            assertThat(check.found())
                                    .isEqualTo(
                                            "/data of a:1 is the same folder for all 3 that serve");
                        });
    }

    @Test
    void theNodesThatSeeAnotherOneAreNamedForEachRoot() {
        List<HealthCheck> checks =
                looked(
                        root("/data", List.of("a:1", "b:1"), List.of("c:1")),
                        root("/more", List.of("a:1"), List.of("b:1", "c:1")));

        assertThat(checks).extracting(HealthCheck::state).containsOnly(HealthCheck.State.ILL);
        assertThat(checks)
                .extracting(HealthCheck::found)
                .containsExactly(
                        "/data of a:1 is another folder for c:1, or none of its roots",
                        "/more of a:1 is another folder for b:1, c:1, or none of its roots");
    }

    @Test
    void aRootInWhichNothingCanBeLeftIsNotComparedAndSaid() {
        Root closed = new Root("/data", Optional.empty(), List.of(), List.of("a:1", "b:1"));

        assertThat(looked(closed))
                .singleElement()
                .satisfies(
                        check -> {
                            assertThat(check.isBearable()).isFalse();
                            assertThat(check.fix()).contains("write there");
                        });
    }
}
