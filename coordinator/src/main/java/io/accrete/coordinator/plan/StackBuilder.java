package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.InputContract.BaseRule;
import io.accrete.coordinator.recipe.LayerRange;
import io.accrete.coordinator.recipe.MergeMethod;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.recipe.Parameters;
import io.accrete.coordinator.recipe.SliceRecipe;
import io.accrete.coordinator.recipe.SourceRecipe;
import io.accrete.coordinator.yaml.Located;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Lays the slices of a recipe on each other and compares their ranges with the models. */
final class StackBuilder {
    /** Ten times the deepest merge that anybody has published. */
    private static final int LAYERS_MAX = 10_000;

    private final MergeRecipe recipe;
    private final MergeMethod method;
    private final Catalog catalog;
    private final ProblemList problems;
    private boolean complete = true;

    StackBuilder(MergeRecipe recipe, MergeMethod method, Catalog catalog, ProblemList problems) {
        this.recipe = recipe;
        this.method = method;
        this.catalog = catalog;
        this.problems = problems;
    }

    /** Empty if a model is not known or a range does not exist; the problems say why. */
    Optional<Stack> build(ModuleRecipe module) {
        List<OutputSlice> slices = new ArrayList<>();
        if (module.slices().isEmpty()) {
            wholeModels(module).ifPresent(slices::add);
        }
        int site = slices.stream().mapToInt(OutputSlice::length).sum();
        for (SliceRecipe slice : module.slices()) {
            Optional<OutputSlice> built = slice(slice, site);
            built.ifPresent(slices::add);
            site += built.map(OutputSlice::length).orElse(0);
        }
        if (!complete || slices.isEmpty()) {
            return Optional.empty();
        }
        Stack stack = new Stack(slices);
        compareEnds(stack);
        compareWidths(stack);
        if (site > LAYERS_MAX) {
            problems.error(
                    "PLN-011",
                    module.name().at(),
                    "the output would have %,d layers; at most %,d are planned"
                            .formatted(site, LAYERS_MAX),
                    "take fewer slices");
            return Optional.empty();
        }
        return Optional.of(stack);
    }

    /** Slices that give layers are compared tensor by tensor; these give norm or head only. */
    private void compareWidths(Stack stack) {
        CatalogModel first = stack.first().inputs().getFirst().model();
        for (OutputSlice slice : stack.slices()) {
            for (SliceInput input : slice.inputs()) {
                OptionalLong width = input.model().config().hidden();
                if (slice.length() == 0 && !width.equals(first.config().hidden())) {
                    problems.error(
                            "PLN-019",
                            input.at(),
                            ("the final norm and the head of model '%s' do not fit layers of"
                                            + " '%s'; %s")
                                    .formatted(
                                            input.model().label(),
                                            first.label(),
                                            first.sizesUnlike(input.model()).orElse("")),
                            "take them from a model of the same size");
                }
            }
        }
    }

    private void compareEnds(Stack stack) {
        int first = stack.first().inputs().size();
        int last = stack.last().inputs().size();
        if (last > first) {
            problems.warning(
                    "PLN-012",
                    stack.last().at(),
                    ("the last slice has %d sources and the first %d: the final norm and the"
                                            + " head are")
                                    .formatted(last, first)
                            + " made of all %d (mergekit leaves out the last %d in silence)"
                                    .formatted(last, last - first),
                    "begin with a slice of as many sources, or append an empty slice [n, n] of the"
                            + " model that is to give them");
        }
    }

    private Optional<OutputSlice> slice(SliceRecipe slice, int site) {
        List<SliceInput> inputs = new ArrayList<>();
        int length = 0;
        for (SourceRecipe source : slice.sources()) {
            Optional<CatalogModel> model = catalog.find(source.model().value());
            if (model.isEmpty() || source.layers().isEmpty()) {
                complete = false;
                continue;
            }
            LayerRange range = source.layers().get().value();
            checkRange(model.get(), source.layers().get());
            complete &= inputs.isEmpty() || range.length() == length;
            length = range.length();
            inputs.add(
                    new SliceInput(source.at(), model.get(), range.start(), source.parameters()));
        }
        if (inputs.isEmpty()) {
            complete = false;
            return Optional.empty();
        }
        Optional<ModelName> base = slice.baseModel().or(recipe::baseModel).map(Located::value);
        return Optional.of(
                new OutputSlice(
                        slice.at(),
                        inputs,
                        baseOf(inputs, base),
                        slice.parameters(),
                        site,
                        length));
    }

    private void checkRange(CatalogModel model, Located<LayerRange> range) {
        int start = range.value().start();
        int end = range.value().end();
        int layers = model.layers();
        if (start < 0 || end < start) {
            complete = false;
        } else if (end > layers) {
            complete = false;
            String needed =
                    end == start
                            ? "begins after layer %d".formatted(start - 1)
                            : "needs layers %d..%d".formatted(start, end - 1);
            problems.error(
                    "PLN-010",
                    range.at(),
                    "layer_range [%d, %d] %s of model '%s', which has 0..%d"
                            .formatted(start, end, needed, model.label(), layers - 1),
                    "end at most at %d (the end is exclusive), or choose another model; `accrete"
                                    .formatted(layers)
                            + " inspect %s` lists its layers".formatted(model.label()));
        }
    }

    /**
     * The {@code models} form: one slice over all layers, the base model added if it is not there.
     */
    private Optional<OutputSlice> wholeModels(ModuleRecipe module) {
        List<SliceInput> inputs = new ArrayList<>();
        for (SourceRecipe source : module.models()) {
            Optional<CatalogModel> model = catalog.find(source.model().value());
            if (model.isEmpty()) {
                complete = false;
            }
            model.ifPresent(
                    m -> inputs.add(new SliceInput(source.at(), m, 0, source.parameters())));
        }
        recipe.baseModel().ifPresent(base -> addBase(module, base, inputs));
        if (inputs.isEmpty()) {
            complete = false;
            return Optional.empty();
        }
        SliceInput first = inputs.getFirst();
        for (SliceInput input : inputs) {
            if (input.model().layers() != first.model().layers()) {
                complete = false;
                problems.error(
                        "PLN-013",
                        input.at(),
                        ("model '%s' has %d layers and model '%s' has %d; the `models` form"
                                        + " takes all")
                                .formatted(
                                        first.model().label(),
                                        first.model().layers(),
                                        input.model().label(),
                                        input.model().layers()),
                        "use `slices` with layer ranges of equal length");
            }
        }
        Optional<ModelName> base = recipe.baseModel().map(Located::value);
        return Optional.of(
                new OutputSlice(
                        first.at(),
                        inputs,
                        baseOf(inputs, base),
                        Parameters.NONE,
                        0,
                        first.model().layers()));
    }

    private void addBase(ModuleRecipe module, Located<ModelName> base, List<SliceInput> inputs) {
        boolean listed =
                module.models().stream().anyMatch(s -> s.model().value().equals(base.value()));
        if (listed) {
            return;
        }
        Optional<CatalogModel> model = catalog.find(base.value());
        complete &= model.isPresent();
        model.ifPresent(m -> inputs.add(new SliceInput(base.at(), m, 0, Parameters.NONE)));
    }

    private Optional<SliceInput> baseOf(List<SliceInput> inputs, Optional<ModelName> base) {
        if (method.inputs().base() == BaseRule.IGNORED) {
            return Optional.empty();
        }
        return inputs.stream()
                .filter(input -> base.map(input.model().name()::equals).orElse(false))
                .findFirst();
    }
}
