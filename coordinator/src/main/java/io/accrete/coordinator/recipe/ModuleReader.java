package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The output of a recipe: its modules, slices and sources. */
final class ModuleReader {
    private final ProblemLog log;
    private final ModelNameReader models;
    private final LayerRangeReader ranges;
    private final ParameterReader parameters;

    ModuleReader(ProblemLog log) {
        this.log = log;
        this.models = new ModelNameReader(log);
        this.ranges = new LayerRangeReader(log);
        this.parameters = new ParameterReader(log);
    }

    /** The modules of a document; empty where there is not exactly one readable form. */
    List<ModuleRecipe> read(Section document) {
        List<String> forms =
                List.of("models", "slices", "modules").stream().filter(document::has).toList();
        if (forms.size() != 1) {
            log.error(
                    RecipeFault.FORM,
                    forms.isEmpty() ? document.at() : document.keyAt(forms.getLast()),
                    forms.isEmpty()
                            ? "there is nothing to merge: a recipe has exactly one of"
                                    + " 'models', 'slices' and 'modules', and it must not be empty"
                            : "both "
                                    + String.join(" and ", forms)
                                    + " are given; a recipe has"
                                    + " exactly one of 'models', 'slices' and 'modules'",
                    forms.isEmpty()
                            ? "list whole models under `models`, or layers under `slices`"
                            : "keep one of them");
            return List.of();
        }
        if (forms.contains("modules")) {
            return modules(document);
        }
        Located<String> name = new Located<>("default", document.keyAt(forms.getFirst()));
        return module(name, document, Parameters.NONE).stream().toList();
    }

    private List<ModuleRecipe> modules(Section document) {
        Optional<YamlNode> node = document.value("modules");
        if (!(node.orElseThrow() instanceof YamlNode.Mapping mapping)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    node.get().at(),
                    "'modules' is a mapping of module names, not " + node.get().words(),
                    "write `modules: {default: {slices: ...}}`");
            return List.of();
        }
        List<ModuleRecipe> modules = new ArrayList<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            Located<String> name = new Located<>(entry.key().text(), entry.key().at());
            Section.of("a module", entry.value(), List.of("slices", "models", "parameters"), log)
                    .flatMap(section -> module(name, section, parameters.read(section)))
                    .ifPresent(modules::add);
        }
        return modules;
    }

    private Optional<ModuleRecipe> module(Located<String> name, Section section, Parameters own) {
        boolean hasSlices = section.has("slices");
        if (hasSlices == section.has("models")) {
            log.error(
                    RecipeFault.FORM,
                    name.at(),
                    "module '"
                            + Words.shortened(name.value())
                            + "' has "
                            + (hasSlices ? "both" : "neither")
                            + " slices and models; it must have exactly one of them",
                    hasSlices ? "keep one of them" : "add one of them");
            return Optional.empty();
        }
        List<SliceRecipe> slices = new ArrayList<>();
        List<SourceRecipe> whole = new ArrayList<>();
        section.list("slices").forEach(node -> slice(node).ifPresent(slices::add));
        section.list("models").forEach(node -> model(node).ifPresent(whole::add));
        return slices.isEmpty() && whole.isEmpty()
                ? Optional.empty()
                : Optional.of(new ModuleRecipe(name, slices, whole, own));
    }

    private Optional<SourceRecipe> model(YamlNode node) {
        Optional<Section> entry =
                Section.of("an entry of `models`", node, List.of("model", "parameters"), log);
        Parameters own = entry.map(parameters::read).orElse(Parameters.NONE);
        return entry.flatMap(
                section ->
                        name(section)
                                .map(
                                        model ->
                                                new SourceRecipe(
                                                        section.at(),
                                                        model,
                                                        Optional.empty(),
                                                        own)));
    }

    private Optional<Located<ModelName>> name(Section section) {
        return section.required("model", "write `model: folder`, or `model: org/name`")
                .flatMap(models::read);
    }

    private Optional<SliceRecipe> slice(YamlNode node) {
        Optional<Section> entry =
                Section.of(
                        "an entry of `slices`",
                        node,
                        List.of("sources", "base_model", "parameters"),
                        log);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        Section section = entry.get();
        Parameters own = parameters.read(section);
        Optional<Located<ModelName>> base = section.value("base_model").flatMap(models::read);
        if (!section.has("sources")) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    section.keyAt("sources"),
                    "an entry of `slices` needs `sources`, a list of at least one"
                            + " {model, layer_range}",
                    "write `- sources: [{model: ..., layer_range: [0, 4]}]`");
            return Optional.empty();
        }
        List<SourceRecipe> sources = new ArrayList<>();
        section.list("sources").forEach(item -> source(item).ifPresent(sources::add));
        return sources.isEmpty()
                ? Optional.empty()
                : Optional.of(new SliceRecipe(section.at(), sources, base, own));
    }

    private Optional<SourceRecipe> source(YamlNode node) {
        Optional<Section> entry =
                Section.of(
                        "an entry of `sources`",
                        node,
                        List.of("model", "layer_range", "parameters"),
                        log);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        Optional<Located<ModelName>> model = name(entry.get());
        Optional<Located<LayerRange>> layers = ranges.read(entry.get());
        Parameters own = parameters.read(entry.get());
        return model.isEmpty() || layers.isEmpty()
                ? Optional.empty()
                : Optional.of(new SourceRecipe(entry.get().at(), model.get(), layers, own));
    }
}
