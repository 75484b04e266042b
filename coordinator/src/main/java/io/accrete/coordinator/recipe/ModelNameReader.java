package io.accrete.coordinator.recipe;

import io.accrete.coordinator.recipe.ModelName.Adapter;
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

/** References to models, as text or as a mapping. */
final class ModelNameReader {
    private static final String SPELLING = "path[@revision][+lora[@revision]]";

    private final ProblemLog log;

    ModelNameReader(ProblemLog log) {
        this.log = log;
    }

    Optional<Located<ModelName>> read(YamlNode node) {
        return switch (node) {
            case Scalar scalar when scalar.kind() == Kind.TEXT ->
                    parse(scalar).map(name -> new Located<>(name, scalar.at()));
            case Mapping mapping -> mapping(mapping);
            default -> {
                wrong(
                        node.at(),
                        "a model is named by text, not by " + node.words(),
                        "put it in quotes");
                yield Optional.empty();
            }
        };
    }

    private Optional<ModelName> parse(Scalar scalar) {
        String[] parts = scalar.text().split("\\+", -1);
        if (parts.length > 2) {
            wrong(
                    scalar.at(),
                    scalar.words() + " has " + (parts.length - 1) + " '+'; the form is " + SPELLING,
                    "name one adapter; a path with '+' in it needs the form"
                            + " `model: {model: {path: ...}}`");
            return Optional.empty();
        }
        Optional<Adapter> model = path(scalar, parts[0]);
        Optional<Adapter> lora = parts.length == 2 ? path(scalar, parts[1]) : Optional.empty();
        if (model.isEmpty() || parts.length == 2 && lora.isEmpty()) {
            return Optional.empty();
        }
        return model.map(m -> new ModelName(m.path(), m.revision(), lora, Optional.empty()));
    }

    /** A model's own path has the same parts as an adapter's. */
    private Optional<Adapter> path(Scalar scalar, String text) {
        String[] parts = text.split("@", -1);
        if (parts.length > 2) {
            wrong(
                    scalar.at(),
                    scalar.words() + " has more than one '@' in a part; the form is " + SPELLING,
                    "name one revision; a path with '@' in it needs the form"
                            + " `model: {model: {path: ...}}`");
            return Optional.empty();
        }
        if (parts[0].isBlank()) {
            wrong(
                    scalar.at(),
                    "the name of a model is empty in "
                            + scalar.words()
                            + "; the form is "
                            + SPELLING,
                    "write a folder, or org/name");
            return Optional.empty();
        }
        return Optional.of(
                new Adapter(
                        parts[0],
                        parts.length == 2
                                ? Optional.of(parts[1]).filter(r -> !r.isEmpty())
                                : Optional.empty()));
    }

    private Optional<Located<ModelName>> mapping(Mapping mapping) {
        Optional<Section> section =
                Section.of(
                        "a model reference",
                        mapping,
                        List.of("model", "lora", "override_architecture"),
                        log);
        Optional<Adapter> model =
                section.flatMap(
                                s ->
                                        s.required(
                                                "model",
                                                "write `{model: path}`, or the path alone"))
                        .flatMap(this::dictionaryPath);
        if (model.isEmpty()) {
            return Optional.empty();
        }
        Optional<YamlNode> loraNode = section.flatMap(s -> s.value("lora"));
        Optional<Adapter> lora = loraNode.flatMap(this::dictionaryPath);
        if (loraNode.isPresent() && lora.isEmpty()) {
            return Optional.empty();
        }
        ModelName name =
                new ModelName(
                        model.get().path(),
                        model.get().revision(),
                        lora,
                        section.flatMap(s -> s.text("override_architecture")).map(Located::value));
        return Optional.of(new Located<>(name, mapping.at()));
    }

    /** {@code path@revision}, where '+' is an ordinary character, or {@code {path, revision}}. */
    private Optional<Adapter> dictionaryPath(YamlNode node) {
        if (node instanceof Scalar scalar && scalar.kind() == Kind.TEXT) {
            return path(scalar, scalar.text());
        }
        if (!(node instanceof Mapping)) {
            wrong(node.at(), "a path is text, not " + node.words(), "put it in quotes");
            return Optional.empty();
        }
        return Section.of("a path", node, List.of("path", "revision"), log)
                .flatMap(
                        section ->
                                section.required("path", "write the folder, or org/name")
                                        .flatMap(path -> section.text("path"))
                                        .map(
                                                path ->
                                                        new Adapter(
                                                                path.value(),
                                                                section.text("revision")
                                                                        .map(Located::value))));
    }

    private void wrong(Position at, String message, String fix) {
        log.error(RecipeFault.MODEL_NAME, at, message, fix);
    }
}
