package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.TokenizerRecipe;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.model.Vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Whose tokenizer the output gets, and so how many rows its embedding has. */
final class TokenizerRule {
    private static final String LATER =
            "let all models share one vocabulary and write `tokenizer_source: base`, or leave the"
                    + " tokenizer section out";

    private final MergeRecipe recipe;
    private final Catalog catalog;
    private final MergeOptions options;
    private final ProblemList problems;

    TokenizerRule(MergeRecipe recipe, Catalog catalog, MergeOptions options, ProblemList problems) {
        this.recipe = recipe;
        this.catalog = catalog;
        this.options = options;
        this.problems = problems;
    }

    /**
     * @param donor gives its tokenizer files
     * @param rows of the embedding, if the recipe lets the tokenizer decide
     */
    record Choice(CatalogModel donor, OptionalLong rows) {}

    /**
     * @param donor of the configuration
     */
    Choice choose(CatalogModel donor) {
        Optional<TokenizerRecipe> wanted = recipe.tokenizer();
        if (wanted.isEmpty()) {
            if (options.copyTokenizer()) {
                compareFiles(donor);
            }
            return new Choice(donor, OptionalLong.empty());
        }
        TokenizerRecipe tokenizer = wanted.get();
        Position at = tokenizer.source().at();
        if (tokenizer.hasTokens()) {
            problems.error(
                    "PLN-051",
                    tokenizer.at(),
                    "rows that are chosen per token do not run yet",
                    LATER);
        }
        String source = tokenizer.source().value();
        if (source.equals("union")) {
            problems.error("PLN-050", at, "a union of vocabularies does not run yet", LATER);
            return new Choice(donor, OptionalLong.empty());
        }
        Optional<CatalogModel> giver = source.equals("base") ? Optional.of(donor) : named(source);
        if (giver.isEmpty()) {
            problems.error(
                    "PLN-057",
                    at,
                    "the tokenizer comes from '%s', which is not a model of this recipe"
                            .formatted(source),
                    "name one of the recipe's models, or `base`");
            return new Choice(donor, OptionalLong.empty());
        }
        OptionalLong rows = rows(giver.get(), at);
        tokenizer.padToMultipleOf().ifPresent(pad -> checkPadding(pad.value(), pad.at(), rows));
        return new Choice(giver.get(), rows);
    }

    private Optional<CatalogModel> named(String source) {
        return catalog.all().stream()
                .filter(model -> model.name().toString().equals(source))
                .findFirst();
    }

    private void checkPadding(int multiple, Position at, OptionalLong rows) {
        if (rows.isPresent() && multiple > 0 && rows.getAsLong() % multiple != 0) {
            problems.error(
                    "PLN-052",
                    at,
                    "padding %d rows to a multiple of %d does not run yet"
                            .formatted(rows.getAsLong(), multiple),
                    "leave `pad_to_multiple_of` out");
        }
    }

    /** Rows of the giver's vocabulary, if every model has the same token at each of its ids. */
    private OptionalLong rows(CatalogModel giver, Position at) {
        Optional<Vocabulary> vocabulary = giver.tokenizer().vocabulary();
        if (vocabulary.isEmpty()) {
            problems.error(
                    "PLN-053",
                    at,
                    "model '%s' has no tokenizer.json that says what its tokens are"
                            .formatted(giver.label()),
                    "add tokenizer.json to the model, or leave the tokenizer section out");
            return OptionalLong.empty();
        }
        for (CatalogModel model : catalog.all()) {
            Optional<Vocabulary> other = model.tokenizer().vocabulary();
            if (other.isEmpty()) {
                problems.warning(
                        "PLN-054",
                        model.at(),
                        ("model '%s' has no tokenizer.json; its rows are taken to stand for"
                                        + " the tokens of '%s'")
                                .formatted(model.label(), giver.label()),
                        "add the model's tokenizer.json");
            } else {
                vocabulary
                        .get()
                        .tokenUnlike(other.get())
                        .ifPresent(token -> refuseOrder(giver, model, token, at));
            }
        }
        return OptionalLong.of(vocabulary.get().rows());
    }

    private void refuseOrder(CatalogModel giver, CatalogModel model, String token, Position at) {
        problems.error(
                "PLN-055",
                at,
                ("token '%s' of model '%s' has another id in model '%s', or none; rows that"
                                + " move do not run yet")
                        .formatted(token, giver.label(), model.label()),
                "merge models whose tokens have the same ids, or take the model with the smallest"
                        + " vocabulary as `base_model`");
    }

    /** Without rules the output gets the donor's tokenizer, which may not fit the others. */
    private void compareFiles(CatalogModel donor) {
        Optional<String> ours = donor.tokenizer().sha256();
        if (ours.isEmpty()) {
            problems.warning(
                    "PLN-058",
                    donor.at(),
                    ("model '%s' gives config.json and tokenizer, and has no tokenizer: the"
                                    + " output will have none")
                            .formatted(donor.label()),
                    "add the tokenizer's files to it, or choose another `base_model`");
            return;
        }
        List<String> others = new ArrayList<>();
        for (CatalogModel model : catalog.all()) {
            Optional<String> theirs = model.tokenizer().sha256();
            if (theirs.isPresent() && !theirs.equals(ours)) {
                others.add("'" + model.label() + "'");
            }
        }
        if (!others.isEmpty()) {
            problems.warning(
                    "PLN-056",
                    donor.at(),
                    "the output gets the tokenizer of '%s'; %s %s another"
                            .formatted(
                                    donor.label(),
                                    String.join(", ", others),
                                    others.size() == 1 ? "has" : "have"),
                    "check that all have the same tokens, or write `tokenizer_source: base`");
        }
    }
}
