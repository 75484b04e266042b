package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.Fault;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class RecipeFaultTest {
    private static final String LINEAR =
            "merge_method: linear\nmodels: [{model: A}]\nparameters: {weight: 1}\n";
    private static final Path MANUAL = Path.of("..", "docs", "recipes.md");

    /** A text that has the fault. */
    private static String example(Fault fault) {
        return switch (fault) {
            case YamlFault inYaml -> example(inYaml);
            case RecipeFault inRecipe -> example(inRecipe);
            default -> throw new IllegalArgumentException(fault.toString());
        };
    }

    private static String example(YamlFault fault) {
        return switch (fault) {
            case CHARACTERS -> LINEAR + "\u0001";
            case SYNTAX -> LINEAR + "[";
            case TAG -> LINEAR + "x-a: !!binary aa";
            case LIMIT -> "[".repeat(200);
            case RECURSION -> LINEAR + "x-a: &a [*a]";
            case DUPLICATE_KEY -> LINEAR + "name: a\nname: b";
            case UNKNOWN_KEY -> LINEAR + "foo: 1";
            case WRONG_TYPE -> LINEAR + "name: [1]";
        };
    }

    private static String example(RecipeFault fault) {
        return switch (fault) {
            case NOT_A_RECIPE -> "";
            case OTHER_TOOL -> "experts: []";
            case METHOD_MISSING -> "models: [{model: A}]";
            case METHOD_UNKNOWN -> LINEAR.replace("linear", "lineer");
            case FORM -> LINEAR.replace("models", "x-models");
            case LAYER_RANGE -> Recipes.slice("[2, 1]");
            case MODEL_NAME -> LINEAR.replace("model: A", "model: A@b@c");
            case DTYPE -> LINEAR + "dtype: f";
            case TOKENIZER -> LINEAR + "tokenizer: {pad_to_multiple_of: 0}";
            case CHAT_TEMPLATE -> LINEAR + "chat_template: x";
            case PARAMETER_UNKNOWN -> LINEAR.replace("weight: 1", "weight: 1, foo: 1");
            case PARAMETER_MISSING -> LINEAR.replace("weight: 1", "");
            case PARAMETER_TYPE -> LINEAR.replace("weight: 1", "weight: x");
            case PARAMETER_RANGE -> LINEAR.replace("weight: 1", "weight: .nan");
            case PARAMETER_MISPLACED ->
                    LINEAR.replace("model: A", "model: A, parameters: {normalize: no}");
            case PARAMETER_FORM -> LINEAR.replace("weight: 1", "weight: [[1]]");
            case INPUTS -> LINEAR.replace("linear", "slerp").replace("weight", "t");
            case UNEQUAL_LENGTHS ->
                    "merge_method: linear\nparameters: {weight: 1}\nslices: [{sources: [{model: A,"
                            + " layer_range: [0, 1]}, {model: B, layer_range: [0, 2]}]}]";
            case WEIGHTS_SUM_TO_ZERO -> LINEAR.replace("weight: 1", "weight: 0");
            case DEAD_KEY -> LINEAR + "embed_slerp: true";
            case DOCUMENT_NAME -> LINEAR + "---\n" + LINEAR;
            case NO_LAYERS -> Recipes.slice("[1, 1]");
        };
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyFaultIsReportedWithItsCodeAndItsPlace(Fault fault) {
        List<Problem> problems = Recipes.read(example(fault)).problems();
        assertThat(problems).extracting(Problem::code).containsOnly(code(fault));
        assertThat(problems).allMatch(p -> p.line() != null && p.snippet() != null);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyCodeIsInTheManual(Fault fault) throws IOException {
        assertThat(Files.readString(MANUAL)).contains("| " + code(fault) + " |");
    }

    static Stream<Fault> faults() {
        return Stream.of(YamlFault.values(), RecipeFault.values()).flatMap(Stream::of);
    }

    private static String code(Fault fault) {
        return "RCP-%03d".formatted(fault.number());
    }

    @Test
    void theManualHasTheTableOfMethods() throws IOException {
        String manual = Files.readString(MANUAL);
        for (MergeMethod method : MethodTable.all()) {
            assertThat(manual).contains(row(method));
        }
    }

    private static String row(MergeMethod method) {
        return "| `%s` | %s | %s | %s |"
                .formatted(
                        method.name(),
                        method.runs() ? "runs" : "checked",
                        method.inputs().words()
                                + switch (method.inputs().base()) {
                                    case IGNORED -> "; `base_model` is not looked at";
                                    case OPTIONAL -> ", which is optional";
                                    case REQUIRED -> "";
                                },
                        method.parameters().isEmpty()
                                ? "none"
                                : method.parameters().stream()
                                        .map(RecipeFaultTest::words)
                                        .collect(Collectors.joining("; ")));
    }

    private static String words(MethodParameter parameter) {
        String value =
                parameter
                        .fallback()
                        .map(Object::toString)
                        .orElse(parameter.required() ? "required" : "optional");
        String range =
                parameter.type() == MethodParameter.Type.FLAG
                                || parameter.range().equals(MethodParameter.Range.ANY)
                        ? ""
                        : ", " + parameter.range().words();
        String scope =
                switch (parameter.scope()) {
                    case SHARED -> "";
                    case INPUT -> ", per model";
                    case OTHER_INPUT -> ", per model but the base";
                };
        return "`%s` %s%s%s".formatted(parameter.name(), value, range, scope);
    }
}
