package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.coordinator.plan.TokenizerRule.Choice;
import io.accrete.coordinator.recipe.MergeMethod;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.MethodTable;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.ModelConfig;

import java.util.List;
import java.util.Optional;

/**
 * Makes a plan of a recipe and its models, or says everything that is wrong. The same request gives
 * the same plan, byte for byte.
 */
public final class MergePlanner {
    private final MergeRecipe recipe;
    private final MergeOptions options;
    private final Catalog catalog;
    private final PlanRequest request;
    private final MergeMethod method;
    private final boolean complete;
    private final ProblemList problems = new ProblemList();
    private final SourceFiles files = new SourceFiles();

    private MergePlanner(PlanRequest request) {
        this.request = request;
        this.recipe = request.recipe();
        this.options = request.options();
        this.catalog = request.catalog();
        this.complete = request.problems().stream().noneMatch(Problem::isError);
        this.method = MethodTable.find(recipe.method().value()).orElseThrow();
    }

    public static PlanOutcome plan(PlanRequest request) {
        return new MergePlanner(request).plan();
    }

    private PlanOutcome plan() {
        request.problems().forEach(problems::add);
        catalog.problems().forEach(problems::add);
        Refusals.check(recipe, method, problems);
        ModuleRecipe module = recipe.modules().getFirst();
        Optional<Stack> stack = new StackBuilder(recipe, method, catalog, problems).build(module);
        Optional<CatalogModel> donor = donor();
        if (donor.isEmpty() || catalog.all().isEmpty()) {
            return refused();
        }
        MixtureChecks checks = new MixtureChecks(catalog, problems);
        checks.mixture(donor.get(), options.allowCrimes());
        stack.ifPresent(found -> checks.growth(donor.get(), found.layers()));
        Choice tokenizer =
                new TokenizerRule(recipe, catalog, options, problems).choose(donor.get());
        return stack.map(found -> plan(found, module, donor.get(), tokenizer))
                .orElseGet(this::refused);
    }

    /**
     * The model whose configuration the output gets: the base model, else the first that is named.
     */
    private Optional<CatalogModel> donor() {
        return recipe.baseModel()
                .map(Located::value)
                .or(() -> Catalog.references(recipe).stream().map(Located::value).findFirst())
                .flatMap(catalog::find);
    }

    private PlanOutcome refused() {
        List<Problem> all = problems.all(options.strict());
        return new PlanOutcome(
                Optional.empty(), all, Optional.of(PlanReport.refused(method.name(), all)));
    }

    private PlanOutcome plan(
            Stack stack, ModuleRecipe module, CatalogModel donor, Choice tokenizer) {
        HeadRule heads = HeadRule.of(stack, donor, problems);
        Casts casts = Casts.of(recipe, problems);
        List<PlannedTensor> tensors = tensors(stack, module, heads, casts, tokenizer);
        if (!tensors.isEmpty()) {
            CastChecks.check(tensors, recipe, donor, casts, problems);
            FilterCheck.check(recipe, tensors, problems);
        }
        Optional<Long> rows = rows(tensors, heads.embeddingName());
        compareRows(rows, rows(tensors, heads.headName()));
        if (problems.hasErrors()) {
            return refused();
        }
        OutputFiles output = OutputFiles.of(recipe, tokenizer.donor(), options);
        output.texts()
                .put(ModelConfig.FILE, OutputConfig.of(stack, donor, heads, casts, rows, problems));
        Packing packing =
                ShardPacker.pack(
                        tensors,
                        options.layout(),
                        options.outShardSize(),
                        request.volume().blockBytes());
        return finish(
                PlanSummary.of(request, stack, donor, tokenizer.donor(), tensors, packing, files),
                output);
    }

    private static Optional<Long> rows(List<PlannedTensor> tensors, String name) {
        return tensors.stream()
                .filter(tensor -> tensor.output().name().equals(name))
                .map(tensor -> tensor.output().shape().extents().getFirst())
                .findFirst();
    }

    private void compareRows(Optional<Long> embedding, Optional<Long> head) {
        if (embedding.isPresent() && head.isPresent() && !embedding.equals(head)) {
            problems.error(
                    "PLN-046",
                    recipe.at(),
                    "the embedding (of the first slice) has %d rows and the head (of the last) %d"
                            .formatted(embedding.get(), head.get()),
                    "take both from models of one vocabulary, or add `tokenizer_source: base`");
        }
    }

    private List<PlannedTensor> tensors(
            Stack stack, ModuleRecipe module, HeadRule heads, Casts casts, Choice tokenizer) {
        TensorFaults faults = new TensorFaults();
        boolean cut = options.truncateEmbeddings() && recipe.tokenizer().isEmpty();
        PartGatherer gatherer =
                new PartGatherer(new VocabularyRule(tokenizer.rows(), cut), files, faults);
        MethodRule rule = new MethodRule(method, recipe, module, complete, casts.input(), faults);
        List<PlannedTensor> tensors = new TensorPlanner(rule, heads, casts, gatherer).plan(stack);
        faults.reportTo(problems);
        return tensors;
    }

    private PlanOutcome finish(PlanSummary summary, OutputFiles output) {
        Packing packing = summary.packing();
        if (packing.shards().size() > 1) {
            output.texts().put(IndexText.FILE, IndexText.of(packing));
        }
        List<Site> sites = summary.stack().sites();
        if (options.writeModelCard()) {
            String card =
                    CardText.of(request.title(), recipe, catalog, sites, summary.parameters());
            output.texts().put(CardText.FILE, card);
        }
        summary.checkDisk(output, problems);
        List<Problem> all = problems.all(options.strict());
        PlanReport report = summary.report(all);
        return new PlanOutcome(
                // a look at a plan needs no name for it, which is the digest of all of it
                request.firm() && report.ok() && report.weightsPresent()
                        ? Optional.of(mergePlan(summary, sites, output))
                        : Optional.empty(),
                all,
                Optional.of(report));
    }

    private MergePlan mergePlan(PlanSummary summary, List<Site> sites, OutputFiles output) {
        List<ShardTask> shards = summary.packing().shards();
        MergePlan unnamed =
                new MergePlan(
                        MergePlan.FORMAT,
                        "",
                        files.identities(),
                        shards,
                        sites,
                        summary.outputModel(),
                        output.texts(),
                        output.carried(),
                        MemoryBound.bytesPerWorker(shards));
        return unnamed.withJob(PlanFile.of(unnamed).sha256());
    }
}
