package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.OutputVolume;
import io.accrete.coordinator.plan.Catalog;
import io.accrete.coordinator.plan.MergePlanner;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.plan.PlanRequest;
import io.accrete.coordinator.plan.Volume;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ParsedRecipe;
import io.accrete.coordinator.recipe.RecipeReader;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what a plan is made from: the recipe, the headers of its models, the output's volume. */
public final class MergePlanning {
    private MergePlanning() {}

    /** For a merge: absent weights are errors. */
    public static PlanOutcome plan(JobSpec spec) {
        return plan(spec, true);
    }

    /** As {@link #plan(JobSpec)}, for who needs no report: a {@link Planner}. */
    public static Planner.Outcome prove(JobSpec spec) {
        PlanOutcome outcome = plan(spec);
        return new Planner.Outcome(outcome.plan(), outcome.problems());
    }

    /** For a look at it: absent weights and lack of space are warnings. */
    public static PlanOutcome preview(JobSpec spec) {
        return plan(spec, false);
    }

    private static PlanOutcome plan(JobSpec spec, boolean firm) {
        ParsedRecipe parsed =
                RecipeReader.read(spec.recipeFile(), spec.recipe(), spec.options().strict());
        List<Problem> problems = new ArrayList<>(parsed.problems());
        if (parsed.documents().isEmpty()) {
            return new PlanOutcome(Optional.empty(), problems, Optional.empty());
        }
        if (parsed.documents().size() > 1) {
            problems.add(several(parsed.documents().get(1)));
        }
        MergeRecipe recipe = parsed.documents().getFirst();
        Path output = Path.of(spec.output());
        Volume volume = OutputVolume.of(output);
        Catalog catalog = new CatalogReader(spec.options(), output, firm).read(recipe);
        PlanRequest request =
                new PlanRequest(
                        recipe,
                        problems,
                        catalog,
                        spec.options(),
                        volume,
                        spec.output(),
                        title(output),
                        firm);
        return MergePlanner.plan(request);
    }

    private static String title(Path output) {
        Path name = output.getFileName();
        return name == null ? "merge" : name.toString();
    }

    private static Problem several(MergeRecipe second) {
        return new Problem(
                Severity.ERROR,
                "PLN-005",
                second.at().file(),
                second.at().line(),
                second.at().column(),
                "a file of several recipes does not run yet; this is the second",
                "write each recipe into a file of its own, and run them in order",
                second.at().snippet());
    }
}
