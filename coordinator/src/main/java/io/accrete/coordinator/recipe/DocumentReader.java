package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One document of a file as a recipe. */
final class DocumentReader {
    /** Reading takes at most this many steps, whatever aliases a text is made of. */
    private static final long MOST_VALUES = 500_000;

    private static final List<String> KEYS =
            List.of(
                    "merge_method",
                    "models",
                    "slices",
                    "modules",
                    "base_model",
                    "dtype",
                    "out_dtype",
                    "parameters",
                    "tokenizer_source",
                    "tokenizer",
                    "chat_template",
                    "name");

    private static final List<String> DTYPES =
            List.of("bfloat16", "float16", "float32", "float64", "int64");
    private static final Map<String, String> DTYPE_NICKNAMES =
            Map.of(
                    "bf16", "bfloat16",
                    "bfloat", "bfloat16",
                    "fp16", "float16",
                    "half", "float16",
                    "fp32", "float32",
                    "float", "float32",
                    "fp64", "float64",
                    "double", "float64",
                    "long", "int64");

    private final ProblemLog log;
    private final String text;

    DocumentReader(ProblemLog log, String text) {
        this.log = log;
        this.text = text;
    }

    Optional<MergeRecipe> read(YamlNode node) {
        if (OtherTool.recognised(node, log) || !(node instanceof Mapping mapping)) {
            return Optional.empty();
        }
        if (!bounded(mapping)) {
            return Optional.empty();
        }
        Section document = Section.of("a recipe", mapping, KEYS, log).orElseThrow();
        Optional<Located<String>> method = method(document);
        Optional<Located<ModelName>> base =
                document.value("base_model").flatMap(value -> new ModelNameReader(log).read(value));
        Optional<Located<String>> dtype = dtype(document, "dtype");
        Optional<Located<String>> outDtype = dtype(document, "out_dtype");
        Parameters parameters = new ParameterReader(log).read(document);
        Optional<TokenizerRecipe> tokenizer = new TokenizerReader(log).read(document);
        Optional<Located<String>> template = ChatTemplate.read(document, log);
        Optional<Located<String>> name = document.text("name");
        int errors = log.errorsBeside(RecipeFault.PARAMETER_FORM);
        List<ModuleRecipe> modules = new ModuleReader(log).read(document);
        boolean complete = log.errorsBeside(RecipeFault.PARAMETER_FORM) == errors;
        if (method.isEmpty() || modules.isEmpty()) {
            return Optional.empty();
        }
        MergeRecipe recipe =
                new MergeRecipe(
                        document.at(),
                        method.get(),
                        modules,
                        base,
                        dtype,
                        outDtype,
                        parameters,
                        tokenizer,
                        template,
                        name,
                        text);
        MergeMethod known = MethodTable.find(method.get().value()).orElseThrow();
        MergeRecipe typed = new ParameterTyping(known, log).apply(recipe);
        if (complete) {
            new MethodCheck(known, typed, log).run();
        }
        return Optional.of(typed);
    }

    private boolean bounded(Mapping mapping) {
        for (YamlNode.Entry entry : mapping.entries()) {
            if (KEYS.contains(entry.key().text()) && entry.value().size() > MOST_VALUES) {
                log.error(
                        YamlFault.LIMIT,
                        entry.key().at(),
                        "'%s' stands for %,d values once its aliases are followed; at most %,d are"
                                        .formatted(
                                                entry.key().text(),
                                                entry.value().size(),
                                                MOST_VALUES)
                                + " read",
                        "use fewer aliases of aliases");
                return false;
            }
        }
        return true;
    }

    private Optional<Located<String>> method(Section document) {
        Optional<YamlNode> value = document.value("merge_method");
        if (!(value.orElse(null) instanceof Scalar scalar) || scalar.kind() != Kind.TEXT) {
            log.error(
                    RecipeFault.METHOD_MISSING,
                    document.keyAt("merge_method"),
                    value.map(
                                    v ->
                                            "merge_method is "
                                                    + v.words()
                                                    + "; it must be the name of a method")
                            .orElse("merge_method is missing"),
                    "write `merge_method: ` and one of " + names());
            return Optional.empty();
        }
        if (MethodTable.find(scalar.text()).isPresent()) {
            return Optional.of(new Located<>(scalar.text(), scalar.at()));
        }
        String meant =
                Words.didYouMean(
                        scalar.text(), MethodTable.all().stream().map(MergeMethod::name).toList());
        log.error(
                RecipeFault.METHOD_UNKNOWN,
                scalar.at(),
                OtherTool.method(scalar.text())
                                .orElse("merge_method " + scalar.words() + " is unknown")
                        + "; mergekit 0.1.5 has "
                        + names(),
                meant.isEmpty() ? "choose one of these methods" : meant);
        return Optional.empty();
    }

    private static String names() {
        return MethodTable.all().stream().map(MergeMethod::name).collect(Collectors.joining(", "));
    }

    private Optional<Located<String>> dtype(Section document, String key) {
        Optional<Located<String>> written = document.text(key);
        if (written.isEmpty()) {
            return written;
        }
        String name = written.get().value();
        String bare = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        if (DTYPES.contains(bare)) {
            return Optional.of(new Located<>(bare, written.get().at()));
        }
        String meant = Words.didYouMean(DTYPE_NICKNAMES.getOrDefault(bare, bare), DTYPES);
        log.error(
                RecipeFault.DTYPE,
                written.get().at(),
                key
                        + " '"
                        + Words.shortened(name)
                        + "' is unknown; allowed are "
                        + String.join(", ", DTYPES),
                meant.isEmpty() ? "choose one of these" : meant);
        return Optional.empty();
    }
}
