package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code tokenizer_source} and {@code tokenizer}: the vocabulary of the output. */
final class TokenizerReader {
    private final ProblemLog log;

    TokenizerReader(ProblemLog log) {
        this.log = log;
    }

    Optional<TokenizerRecipe> read(Section document) {
        Optional<YamlNode> source = document.value("tokenizer_source");
        Optional<YamlNode> tokenizer = document.value("tokenizer");
        if (source.isPresent() && tokenizer.isPresent()) {
            wrong(
                    document.keyAt("tokenizer"),
                    "both tokenizer_source and tokenizer are given; a recipe has one of them",
                    "keep `tokenizer` and write the source as `tokenizer: {source: ...}`");
        }
        if (tokenizer.isPresent()) {
            return tokenizer(tokenizer.get());
        }
        return source.flatMap(this::source)
                .map(
                        name ->
                                new TokenizerRecipe(
                                        document.keyAt("tokenizer_source"),
                                        name,
                                        false,
                                        Optional.empty()));
    }

    private Optional<TokenizerRecipe> tokenizer(YamlNode node) {
        Optional<Section> read =
                Section.of(
                        "`tokenizer`",
                        node,
                        List.of("source", "tokens", "pad_to_multiple_of"),
                        log);
        if (read.isEmpty()) {
            return Optional.empty();
        }
        Section section = read.get();
        Optional<Integer> multiple =
                section.value("pad_to_multiple_of")
                        .flatMap(value -> count(value, "pad_to_multiple_of", 1));
        boolean hasTokens = tokens(section);
        Optional<Located<String>> source =
                section.value("source").isPresent()
                        ? section.value("source").flatMap(this::source)
                        : Optional.of(new Located<>("union", section.at()));
        return source.map(
                name ->
                        new TokenizerRecipe(
                                section.at(),
                                name,
                                hasTokens,
                                multiple.map(
                                        m ->
                                                new Located<>(
                                                        m, section.keyAt("pad_to_multiple_of")))));
    }

    /** {@code union}, {@code base}, or a model. */
    private Optional<Located<String>> source(YamlNode node) {
        if (node instanceof Scalar scalar && scalar.text().startsWith("model:")) {
            log.slip(
                    RecipeFault.TOKENIZER,
                    node.at(),
                    "the tokenizer source "
                            + node.words()
                            + " is read as a path; the prefix"
                            + " 'model:' has no meaning any more",
                    "write '" + scalar.text().substring("model:".length()) + "'");
        }
        return new ModelNameReader(log)
                .read(node)
                .map(name -> new Located<>(name.value().toString(), name.at()));
    }

    /** Whether there are rules for single tokens; they are checked here. */
    private boolean tokens(Section tokenizer) {
        Optional<YamlNode> node = tokenizer.value("tokens");
        if (node.isEmpty()) {
            return false;
        }
        if (!(node.get() instanceof Mapping mapping)) {
            wrong(
                    node.get().at(),
                    "'tokens' is a mapping of tokens to rules, not " + node.get().words(),
                    "write `tokens: {<token>: {source: ...}}`");
            return false;
        }
        for (YamlNode.Entry entry : mapping.entries()) {
            if (entry.key().kind() != Kind.TEXT) {
                wrong(
                        entry.key().at(),
                        "a token is text, not " + entry.key().words(),
                        "put it in quotes");
            }
            Section.of("the rule of a token", entry.value(), List.of("source", "force"), log)
                    .ifPresent(this::rule);
        }
        return !mapping.entries().isEmpty();
    }

    private void rule(Section rule) {
        rule.value("force")
                .ifPresent(
                        force -> {
                            if (!(force instanceof Scalar scalar)
                                    || ScalarValue.flag(scalar.value()).isEmpty()) {
                                wrong(
                                        force.at(),
                                        "'force' is true or false, not " + force.words(),
                                        "write true");
                            }
                        });
        rule.value("source")
                .ifPresent(
                        source -> {
                            if (source instanceof Mapping mapping
                                    && mapping.entry("kind").isPresent()) {
                                embedding(mapping);
                            } else {
                                new ModelNameReader(log).read(source);
                            }
                        });
    }

    private void embedding(Mapping mapping) {
        YamlNode kind = mapping.entry("kind").orElseThrow().value();
        String name = kind instanceof Scalar scalar ? scalar.text() : "";
        switch (name) {
            case "zero" -> Section.of("a zero row", mapping, List.of("kind"), log);
            case "model_token" ->
                    Section.of(
                                    "the row of a model's token",
                                    mapping,
                                    List.of("kind", "model", "token_id", "token"),
                                    log)
                            .ifPresent(this::modelToken);
            default ->
                    wrong(
                            kind.at(),
                            "the kind of a row is 'zero' or 'model_token', not " + kind.words(),
                            "write `kind: zero`, or `kind: model_token` with model and token");
        }
    }

    private void modelToken(Section row) {
        row.required("model", "name the model that has the token")
                .ifPresent(model -> new ModelNameReader(log).read(model));
        row.text("token");
        row.value("token_id").ifPresent(id -> count(id, "token_id", 0));
        boolean byId = row.value("token_id").isPresent();
        if (byId == row.value("token").isPresent()) {
            wrong(
                    row.at(),
                    (byId ? "both" : "neither")
                            + " token_id and token are given;"
                            + " a row is chosen by exactly one of them",
                    byId ? "keep one of them" : "add one of them");
        }
    }

    private Optional<Integer> count(YamlNode node, String key, int least) {
        OptionalLong value =
                node instanceof Scalar scalar
                        ? ScalarValue.count(scalar.value())
                        : OptionalLong.empty();
        if (value.isEmpty() || value.getAsLong() < least || value.getAsLong() > Integer.MAX_VALUE) {
            wrong(
                    node.at(),
                    "'"
                            + key
                            + "' is a whole number of at least "
                            + least
                            + ", not "
                            + node.words(),
                    "write a whole number");
            return Optional.empty();
        }
        return Optional.of((int) value.getAsLong());
    }

    private void wrong(Position at, String message, String fix) {
        log.error(RecipeFault.TOKENIZER, at, message, fix);
    }
}
