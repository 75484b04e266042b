package io.accrete.coordinator.recipe;

import io.accrete.coordinator.recipe.ParameterValue.Branch;
import io.accrete.coordinator.recipe.ParameterValue.Conditional;
import io.accrete.coordinator.recipe.ParameterValue.Gradient;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Entry;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The {@code parameters} maps of a recipe, before the method says what types they have. */
final class ParameterReader {
    private static final String FORMS =
            "a number, true or false, a list of numbers, or a list of {filter, value}";

    private final ProblemLog log;

    ParameterReader(ProblemLog log) {
        this.log = log;
    }

    Parameters read(Section section) {
        Optional<YamlNode> node = section.value("parameters");
        if (node.isEmpty()) {
            return Parameters.NONE;
        }
        if (!(node.get() instanceof Mapping mapping)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    node.get().at(),
                    "'parameters' is a mapping of names to values, not " + node.get().words(),
                    "write `parameters: {weight: 0.5}`");
            return new Parameters(Map.of(), MethodTable.parameterNames());
        }
        Map<String, Located<ParameterValue>> values = new LinkedHashMap<>();
        Set<String> unreadable = new HashSet<>();
        for (Entry entry : mapping.entries()) {
            String name = entry.key().text();
            if (entry.key().kind() != Kind.TEXT) {
                log.error(
                        RecipeFault.PARAMETER_FORM,
                        entry.key().at(),
                        "the name of a parameter is text, not " + entry.key().words(),
                        "put it in quotes if it is meant");
                continue;
            }
            value(entry)
                    .ifPresentOrElse(
                            value -> values.put(name, new Located<>(value, entry.value().at())),
                            () -> unreadable.add(name));
        }
        return new Parameters(values, unreadable);
    }

    private Optional<ParameterValue> value(Entry entry) {
        String name = Words.shortened(entry.key().text());
        return switch (entry.value()) {
            case Scalar scalar -> scalar(name, scalar).map(ParameterValue.class::cast);
            case Mapping mapping ->
                    branch(name, mapping).map(branch -> new Conditional(List.of(branch)));
            case Sequence list when list.items().stream().anyMatch(Mapping.class::isInstance) ->
                    conditional(name, list);
            case Sequence list -> gradient(name, list).map(ParameterValue.class::cast);
        };
    }

    private Optional<ParameterValue> conditional(String name, Sequence list) {
        List<Branch> branches = new ArrayList<>();
        boolean complete = true;
        for (YamlNode item : list.items()) {
            Optional<Branch> branch = Optional.empty();
            if (item instanceof Mapping mapping) {
                branch = branch(name, mapping);
            } else {
                wrong(
                        item.at(),
                        "the list of '" + name + "' mixes {filter, value} with " + item.words(),
                        "write `- value: ...` for what holds where no filter matches");
            }
            branch.ifPresent(branches::add);
            complete &= branch.isPresent();
        }
        return complete ? Optional.of(new Conditional(branches)) : Optional.empty();
    }

    private Optional<Branch> branch(String name, Mapping mapping) {
        Optional<Section> section =
                Section.of("a conditional value", mapping, List.of("filter", "value"), log);
        Optional<YamlNode> value = section.flatMap(s -> s.value("value"));
        if (value.isEmpty()) {
            wrong(
                    mapping.at(),
                    "'" + name + "' is given by a mapping without a value; allowed are " + FORMS,
                    "write `{filter: mlp, value: 0.5}`");
            return Optional.empty();
        }
        Optional<? extends ParameterValue> chosen =
                switch (value.get()) {
                    case Scalar scalar -> scalar(name, scalar);
                    case Sequence list -> gradient(name, list);
                    case Mapping nested -> {
                        wrong(
                                nested.at(),
                                "the value of a filter of '"
                                        + name
                                        + "' is a mapping; it must be a number, true or false, or a"
                                        + " list of numbers",
                                "filters cannot stand inside filters");
                        yield Optional.empty();
                    }
                };
        Optional<String> filter = section.flatMap(s -> s.text("filter")).map(Located::value);
        return chosen.map(v -> new Branch(filter, new Located<>(v, value.get().at())));
    }

    private Optional<Gradient> gradient(String name, Sequence list) {
        List<Located<ParameterValue.Scalar>> points = new ArrayList<>();
        for (YamlNode item : list.items()) {
            if (!(item instanceof Scalar scalar)) {
                wrong(
                        item.at(),
                        "a list of values of '"
                                + name
                                + "' contains "
                                + item.words()
                                + "; allowed are "
                                + FORMS,
                        "write plain numbers: [0, 0.5, 1]");
                return Optional.empty();
            }
            Optional<ParameterValue.Scalar> point = scalar(name, scalar);
            if (point.isEmpty()) {
                return Optional.empty();
            }
            points.add(new Located<>(point.get(), item.at()));
        }
        if (points.isEmpty()) {
            log.slip(
                    RecipeFault.PARAMETER_FORM,
                    list.at(),
                    "the list of '" + name + "' is empty: it counts as not written",
                    "write at least one number, or remove it");
        }
        return Optional.of(new Gradient(points));
    }

    private Optional<ParameterValue.Scalar> scalar(String name, Scalar scalar) {
        return switch (scalar.kind()) {
            case FLAG, INTEGER, FRACTION, TEXT ->
                    Optional.of(new ParameterValue.Scalar(scalar.value()));
            case NULL, DATE -> {
                wrong(
                        scalar.at(),
                        "'" + name + "' is " + scalar.words() + "; allowed are " + FORMS,
                        "write a value, or remove the line");
                yield Optional.empty();
            }
        };
    }

    private void wrong(Position at, String message, String fix) {
        log.error(RecipeFault.PARAMETER_FORM, at, message, fix);
    }
}
