package io.accrete.coordinator.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.YamlNode.Entry;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class YamlTreeTest {
    private final ProblemLog log = new ProblemLog(Texts.KIND, false);

    private List<YamlNode> read(String text) {
        return YamlTree.read(new SourceText("f.yml", text), log);
    }

    private Problem problem(String text) {
        read(text);
        assertThat(log.inOrder()).hasSize(1);
        return log.inOrder().getFirst();
    }

    private String plain(String text) {
        List<YamlNode> documents = read(text);
        assertThat(log.inOrder()).isEmpty();
        return plain(documents.getFirst());
    }

    private static String plain(YamlNode node) {
        return switch (node) {
            case Scalar scalar -> scalar.text();
            case Sequence list ->
                    list.items().stream().map(YamlTreeTest::plain).toList().toString();
            case Mapping mapping ->
                    mapping.entries().stream()
                            .map(e -> plain(e.key()) + "=" + plain(e.value()))
                            .sorted()
                            .toList()
                            .toString();
        };
    }

    @Test
    void nodesKnowWhereTheyStand() {
        Mapping root = (Mapping) read("a:\n  - x\n  - {k: y}\n").getFirst();
        Sequence list = (Sequence) root.entries().getFirst().value();
        Entry inner = ((Mapping) list.items().get(1)).entries().getFirst();
        assertThat(inner.value().at()).isEqualTo(new Position("f.yml", 3, 9, "  - {k: y}"));
    }

    @Test
    void columnsAreCharactersAndLinesMayEndAsOnWindows() {
        Mapping root = (Mapping) read("a: 1\r\n\"\uD83D\uDE00\": x\r\n").getFirst();
        assertThat(root.entries().get(1).value().at())
                .isEqualTo(new Position("f.yml", 2, 6, "\"\uD83D\uDE00\": x"));
    }

    @Test
    void mergeKeysGiveWhatTheMappingDoesNotHaveItself() {
        assertThat(plain("a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}"))
                .isEqualTo("[a=[x=1, y=1], b=[x=1, y=2]]");
    }

    @Test
    void theFirstMappingOfAMergeListWins() {
        assertThat(plain("- &a {x: 1}\n- &b {x: 2, z: 2}\n- {<<: [*a, *b]}"))
                .isEqualTo("[[x=1], [x=2, z=2], [x=1, z=2]]");
    }

    @Test
    void theLastOfSeveralMergeKeysWins() {
        assertThat(plain("- &a {x: 1}\n- &b {x: 2}\n- {<<: *a, <<: *b}"))
                .isEqualTo("[[x=1], [x=2], [x=2]]");
    }

    @Test
    void onlyMappingsCanBeMerged() {
        assertThat(problem("a: {<<: 5}").message()).contains("'<<' merges a mapping");
    }

    @Test
    void aQuotedMergeKeyIsText() {
        assertThat(plain("{'<<': 5, =: 7}")).isEqualTo("[<<=5, ==7]");
    }

    @Test
    void theLastOfTwoEqualKeysCountsAndBothLinesAreNamed() {
        Mapping root = (Mapping) read("a: 1\nb: 2\na: 3\n").getFirst();
        assertThat(root.entry("a").map(e -> e.value().words())).contains("3");
        Problem problem = log.inOrder().getFirst();
        assertThat(problem.isError()).isFalse();
        assertThat(problem.line()).isEqualTo(3);
        assertThat(problem.message()).contains("line 1").contains("line 3");
    }

    @Test
    void aMergedKeyThatIsOverriddenIsNoDuplicate() {
        assertThat(plain("- &a {x: 1}\n- {<<: *a, x: 2}")).isEqualTo("[[x=1], [x=2]]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: !!python/object/apply:os.system ['true']",
                "a: !!python/tuple [1, 2]",
                "a: !!java.net.URL [\"http://localhost\"]",
                "a: !mine {x: 1}",
                "a: !!set {x}",
                "a: !!omap [x: 1]",
                "a: !!binary R0lG",
                "a: !!str [x]"
            })
    void tagsConstructNothing(String text) {
        assertThat(problem(text).code()).isEqualTo("RCP-003");
        assertThat(problem(text).message()).contains("tag");
    }

    @Test
    void aTagThatDoesNotFitItsTextIsReported() {
        assertThat(problem("a: !!int abc").message()).isEqualTo("'abc' cannot be read as !!int");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&a [*a]",
                "&a {x: *a}",
                "a: &b\n  c: {d: *b}",
                "&a {<<: *a}",
                "&a {? *a : 1}"
            })
    void anAnchorInsideItselfIsReported(String text) {
        read(text);
        assertThat(log.inOrder()).isNotEmpty().allMatch(Problem::isError);
        assertThat(log.inOrder()).anyMatch(p -> p.code().equals("RCP-005"));
    }

    @Test
    void anAliasBombIsASmallTreeOfKnownSize() {
        StringBuilder text = new StringBuilder("- &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 60; i++) {
            text.append("- &a%d [".formatted(i));
            text.append("*a%d, ".formatted(i - 1).repeat(9)).append("]\n");
        }
        assertThat(read(text.toString()).getFirst().size()).isEqualTo(Long.MAX_VALUE);
        assertThat(log.inOrder()).isEmpty();
    }

    @Test
    void aBombOfMergeKeysEndsAtOnce() {
        StringBuilder text = new StringBuilder("- &a0 {x: 1, y: 2}\n");
        for (int i = 1; i < 200; i++) {
            text.append("- &a%d {<<: [".formatted(i));
            text.append("*a%d, ".formatted(i - 1).repeat(9)).append("]}\n");
        }
        assertThat(((Sequence) read(text.toString()).getFirst()).items()).hasSize(200);
    }

    @Test
    void chainsOfAnchorsAreNotFollowedOnTheStack() {
        StringBuilder text = new StringBuilder("- &a0 [x]\n");
        for (int i = 1; i < 3_000; i++) {
            text.append("- &a%d %s*a%d%s\n".formatted(i, "[".repeat(20), i - 1, "]".repeat(20)));
        }
        read(text.toString());
        assertThat(log.inOrder()).isEmpty();
    }

    @Test
    void realRecipesHaveAnAnchorPerLayer() {
        StringBuilder text = new StringBuilder("- &a {x: 1}\n");
        text.append("- *a\n".repeat(2_000));
        assertThat(((Sequence) read(text.toString()).getFirst()).items()).hasSize(2_001);
    }

    @Test
    void limitsAreSentences() {
        assertThat(problem("[".repeat(100_000)).message()).contains("nested more than 100 deep");
    }

    @Test
    void tooManyAliases() {
        assertThat(problem("- &a [x]\n" + "- *a\n".repeat(10_001)).message())
                .contains("more than 10,000 aliases");
    }

    @Test
    void tooLongATextIsNotRead() {
        assertThat(problem("# " + "x".repeat(3_000_000)).message()).contains("may have 3,000,000");
    }

    @Test
    void syntaxErrorsHaveLineColumnAndSnippet() {
        Problem problem = problem("merge_method: passthrough\nslices: [\n  - oops\n");
        assertThat(problem.code()).isEqualTo("RCP-002");
        assertThat(problem.line()).isEqualTo(3);
        assertThat(problem.column()).isEqualTo(3);
        assertThat(problem.snippet()).isEqualTo("  - oops");
    }

    @Test
    void aTabIsCalledATab() {
        Problem problem = problem("a:\n\t- b: []\n");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.fix()).contains("tabs");
    }

    @Test
    void controlCharactersHaveAPlace() {
        Problem problem = problem("a: b\nc: d\u0000\n");
        assertThat(problem.code()).isEqualTo("RCP-001");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.column()).isEqualTo(5);
        assertThat(problem.snippet()).doesNotContain("\u0000");
    }

    @Test
    void halfACharacterIsNotAllowed() {
        assertThat(problem("a: \uD83D b").code()).isEqualTo("RCP-001");
    }

    @Test
    void aByteOrderMarkIsSkipped() {
        assertThat(plain("\uFEFFa: 1")).isEqualTo("[a=1]");
    }

    @Test
    void escapesOfJsonAreRead() {
        assertThat(plain("{\"a\": \"<\\/s>\\u00e9\"}")).isEqualTo("[a=</s>\u00e9]");
    }

    @Test
    void aStreamHasSeveralDocuments() {
        assertThat(read("a: 1\n---\nb: 2\n...\n---\n- c\n")).hasSize(3);
    }

    @Test
    void documentsBeforeASyntaxErrorAreKept() {
        assertThat(read("a: 1\n---\nb: [\n")).hasSize(1);
        assertThat(log.hasErrors()).isTrue();
    }

    @Test
    void keysAreSingleValues() {
        assertThat(problem("? [a, b]\n: c").message()).contains("a key must be a single value");
    }
}
