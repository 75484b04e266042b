package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

class RecipeFaultTest {
    private static final Path MANUAL = Path.of("..", "docs", "recipes.md");

    /** A text that has the fault. */
    private static String example(RecipeFault fault) {
        String linear = "merge_method: linear\nmodels: [{model: A}]\nparameters: {weight: 1}\n";
        return switch (fault) {
            case CHARACTERS -> linear + "\u0001";
            case SYNTAX -> linear + "[";
            case TAG -> linear + "x-a: !!binary aa";
            case LIMIT -> "[".repeat(200);
            case RECURSION -> linear + "x-a: &a [*a]";
            case DUPLICATE_KEY -> linear + "name: a\nname: b";
            case NOT_A_RECIPE -> "";
            case OTHER_TOOL -> "experts: []";
            case UNKNOWN_KEY -> linear + "foo: 1";
            case WRONG_TYPE -> linear + "name: [1]";
            case METHOD_MISSING -> "models: [{model: A}]";
            case METHOD_UNKNOWN -> linear.replace("linear", "lineer");
            case FORM -> linear.replace("models", "x-models");
            case LAYER_RANGE -> Recipes.slice("[2, 1]");
            case MODEL_NAME -> linear.replace("model: A", "model: A@b@c");
            case DTYPE -> linear + "dtype: f";
            case TOKENIZER -> linear + "tokenizer: {pad_to_multiple_of: 0}";
            case CHAT_TEMPLATE -> linear + "chat_template: x";
            case PARAMETER_UNKNOWN -> linear.replace("weight: 1", "weight: 1, foo: 1");
            case PARAMETER_MISSING -> linear.replace("weight: 1", "");
            case PARAMETER_TYPE -> linear.replace("weight: 1", "weight: x");
            case PARAMETER_RANGE -> linear.replace("weight: 1", "weight: .nan");
            case PARAMETER_MISPLACED ->
                    linear.replace("model: A", "model: A, parameters: {normalize: no}");
            case PARAMETER_FORM -> linear.replace("weight: 1", "weight: [[1]]");
            case INPUTS -> linear.replace("linear", "slerp").replace("weight", "t");
            case UNEQUAL_LENGTHS ->
                    "merge_method: linear\nparameters: {weight: 1}\nslices: [{sources: [{model: A,"
                            + " layer_range: [0, 1]}, {model: B, layer_range: [0, 2]}]}]";
            case WEIGHTS_SUM_TO_ZERO -> linear.replace("weight: 1", "weight: 0");
            case DEAD_KEY -> linear + "embed_slerp: true";
            case DOCUMENT_NAME -> linear + "---\n" + linear;
            case NO_LAYERS -> Recipes.slice("[1, 1]");
        };
    }

    @ParameterizedTest
    @EnumSource
    void everyFaultIsReportedWithItsCodeAndItsPlace(RecipeFault fault) {
        List<Problem> problems = Recipes.read(example(fault)).problems();
        assertThat(problems).extracting(Problem::code).containsOnly(fault.code());
        assertThat(problems).allMatch(p -> p.line() != null && p.snippet() != null);
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeIsInTheManual(RecipeFault fault) throws IOException {
        assertThat(Files.readString(MANUAL)).contains("| " + fault.code() + " |");
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
