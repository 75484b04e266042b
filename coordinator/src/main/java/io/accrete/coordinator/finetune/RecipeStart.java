package io.accrete.coordinator.finetune;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ParsedRecipe;
import io.accrete.coordinator.recipe.RecipeReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.store.BoundedText;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.StartingModel;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts a training from a recipe that computes nothing: its model is mapped as it lies, with the
 * recipe's layers as sites, and no grown checkpoint is ever written.
 */
final class RecipeStart {
    private static final String COMPUTES = "TRN-013";
    private static final String UNREADABLE = "TRN-111";
    private static final String OTHER_TYPE = "TRN-125";

    private final ModelFinder finder;
    private final List<Problem> problems;
    private List<Located<String>> types = List.of();

    /**
     * @param problems where to put what is wrong
     */
    RecipeStart(ModelFinder finder, List<Problem> problems) {
        this.finder = finder;
        this.problems = problems;
    }

    /** The job as one that names a model; without a job if its recipe does not allow that. */
    ParsedJob started(ParsedJob read) {
        Optional<StartingModel> start = read.job().map(job -> job.start());
        if (start.isEmpty() || !(start.get() instanceof StartingModel.Merge(String name))) {
            return read;
        }
        Position at = read.at("recipe");
        Optional<RecipeStack.Layers> stack = text(name, at).flatMap(text -> stack(name, text));
        types = stack.map(RecipeStack.Layers::types).orElse(List.of());
        return read.startingFrom(
                stack.map(RecipeStack.Layers::model),
                stack.map(RecipeStack.Layers::layers).orElse(List.of()),
                at);
    }

    private Optional<String> text(String name, Position at) {
        Optional<Path> file = finder.path(name).filter(finder::isAllowed);
        if (file.isEmpty() || finder.isRefused(file.get(), name, at)) {
            if (file.isEmpty()) {
                unreadable(name, "was not found in the folders that jobs may use", at);
            }
            return Optional.empty();
        }
        try {
            return Optional.of(BoundedText.read(file.get(), RecipeReader.BYTES_MAX));
        } catch (BoundedText.TooLongException e) {
            unreadable(name, "is longer than any recipe", at);
        } catch (CharacterCodingException e) {
            unreadable(name, "is not text in UTF-8", at);
        } catch (IOException e) {
            unreadable(name, "cannot be read: %s".formatted(e), at);
        }
        return Optional.empty();
    }

    private void unreadable(String name, String why, Position at) {
        finder.error(
                UNREADABLE,
                at,
                "recipe '%s' %s".formatted(name, why),
                "check the name; relative paths count from where those of models do");
    }

    private Optional<RecipeStack.Layers> stack(String name, String text) {
        ParsedRecipe parsed = RecipeReader.read(name, text, false);
        problems.addAll(parsed.problems());
        if (parsed.hasErrors()) {
            return Optional.empty();
        }
        List<MergeRecipe> recipes = parsed.documents();
        if (recipes.size() != 1) {
            merge(recipes.getLast().at(), "it is a file of several recipes", name);
            return Optional.empty();
        }
        return switch (RecipeStack.of(recipes.getFirst())) {
            case RecipeStack.Layers layers -> Optional.of(layers);
            case RecipeStack.Computed(Position at, String why) -> {
                merge(at, why, name);
                yield Optional.empty();
            }
        };
    }

    private void merge(Position at, String why, String name) {
        finder.error(
                COMPUTES,
                at,
                "a training does not run this recipe yet: " + why,
                "run `accrete merge %s OUT`, and name its result in the job: `model: OUT`"
                        .formatted(name));
    }

    /** A recipe that casts makes other weights than its model has. */
    void check(ModelFinder.Model model) {
        for (Located<String> type : types) {
            Optional<DType> wanted = ModelConfig.dtype(type.value());
            boolean same =
                    model.trained().tensors().values().stream()
                            .allMatch(tensor -> wanted.equals(Optional.of(tensor.dtype())));
            if (!same) {
                finder.error(
                        OTHER_TYPE,
                        type.at(),
                        "the recipe casts to %s, and the model has other types"
                                .formatted(type.value()),
                        "leave it out: a training computes in float32, and `output.dtype` says how"
                                + " its result is written");
            }
        }
    }
}
