package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.coordinator.plan.TokenizerRule.Choice;
import io.accrete.coordinator.recipe.Located;
import io.accrete.coordinator.recipe.MergeMethod;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.MethodTable;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
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
        new ModelChecks(catalog, problems).mixture(donor.get(), options.allowCrimes());
        Choice tokenizer =
                new TokenizerRule(recipe, catalog, options, problems).choose(donor.get());
        return stack.map(found -> plan(found, module, donor.get(), tokenizer))
                .orElseGet(this::refused);
    }

    /** The model whose configuration the output gets: the base model, else the first that is named. */
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
        TensorFaults faults = new TensorFaults();
        MethodRule rule =
                new MethodRule(method, recipe, module, complete, casts.input(), faults);
        VocabularyRule vocabulary =
                new VocabularyRule(
                        tokenizer.rows(),
                        options.truncateEmbeddings() && recipe.tokenizer().isEmpty());
        List<PlannedTensor> tensors =
                new TensorPlanner(
                                rule,
                                heads,
                                casts,
                                new PartGatherer(vocabulary, files, faults))
                        .plan(stack);
        CastChecks.check(tensors, recipe, donor, casts, problems);
        faults.reportTo(problems);
        if (problems.hasErrors()) {
            return refused();
        }
        Optional<Long> rows =
                tensors.stream()
                        .filter(t -> t.output().name().equals(heads.embeddingName()))
                        .map(t -> t.output().shape().extents().getFirst())
                        .findFirst();
        String config = OutputConfig.of(stack, donor, heads, casts, rows, problems);
        Packing packing = pack(tensors, options.layout());
        OutputFiles output = OutputFiles.of(recipe, tokenizer.donor(), options);
        output.texts().put(ModelConfig.FILE, config);
        if (packing.shards().size() > 1) {
            output.texts().put(IndexText.FILE, IndexText.of(packing));
        }
        PlanSummary summary =
                new PlanSummary(request, stack, donor, tokenizer.donor(), tensors, packing, files);
        if (options.writeModelCard()) {
            output.texts()
                    .put(
                            CardText.FILE,
                            CardText.of(
                                    request.title(),
                                    recipe,
                                    catalog,
                                    stack.sites(),
                                    summary.parameters()));
        }
        summary.checkDisk(output, problems);
        List<Problem> all = problems.all(options.strict());
        PlanReport report = summary.report(all, pack(tensors, summary.otherLayout()));
        boolean runs = report.ok() && report.weightsPresent();
        return new PlanOutcome(
                runs
                        ? Optional.of(
                                mergePlan(summary, stack.sites(), packing, output))
                        : Optional.empty(),
                all,
                Optional.of(report));
    }

    private Packing pack(List<PlannedTensor> tensors, MergeOptions.Layout layout) {
        return ShardPacker.pack(
                tensors, layout, options.outShardSize(), request.volume().blockBytes());
    }

    private MergePlan mergePlan(
            PlanSummary summary, List<Site> sites, Packing packing, OutputFiles output) {
        MergePlan unnamed =
                new MergePlan(
                        MergePlan.FORMAT,
                        "",
                        files.identities(),
                        packing.shards(),
                        sites,
                        summary.outputModel(),
                        output.texts(),
                        output.carried(),
                        MemoryBound.bytesPerWorker(packing.shards()));
        String job = PlanFile.of(unnamed).sha256();
        return new MergePlan(
                unnamed.format(),
                job,
                unnamed.sources(),
                unnamed.shards(),
                unnamed.sites(),
                unnamed.model(),
                unnamed.texts(),
                unnamed.carried(),
                unnamed.memoryBytesPerWorker());
    }
}
