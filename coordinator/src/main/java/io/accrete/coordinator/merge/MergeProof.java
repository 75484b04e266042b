package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.OutputFolder;
import io.accrete.coordinator.drive.OutputVolume;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.plan.Volume;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.store.FileIdentity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Proves that a merge can be carried out: its plan, its output, its sources, its room. */
public final class MergeProof {
    private static final String SOURCE_ABSENT = "STO-022";
    private static final String SOURCE_IS_OUTPUT = "STO-023";
    private static final String NO_ROOM = "RES-001";

    /** What it came to. */
    public sealed interface Verdict {}

    /**
     * @param problems an error at least
     */
    public record Refused(List<Problem> problems) implements Verdict {
        public Refused {
            problems = List.copyOf(problems);
            if (problems.stream().noneMatch(Problem::isError)) {
                throw new IllegalArgumentException("refused without a reason: " + problems);
            }
        }
    }

    /** The output already is the whole result. */
    public record Published(MergePlan plan) implements Verdict {}

    public record Proven(MergePlan plan, List<Problem> warnings) implements Verdict {
        public Proven {
            warnings = List.copyOf(warnings);
        }
    }

    private final JobSpec spec;
    private final Staging staging;
    private final long diskReserve;

    /**
     * @param diskReserve bytes that must stay free on the file system of the output
     */
    public MergeProof(JobSpec spec, Staging staging, long diskReserve) {
        this.spec = spec;
        this.staging = staging;
        this.diskReserve = diskReserve;
    }

    /** Reads what stands at the output, and looks for the sources. */
    public Verdict of(Planner.Outcome outcome) throws IOException {
        OutputFolder output = OutputFolder.look(staging);
        List<Problem> problems = new ArrayList<>(outcome.problems());
        boolean refused = problems.stream().anyMatch(Problem::isError) || outcome.plan().isEmpty();
        if (!refused && isResult(output, outcome.plan().get())) {
            return new Published(outcome.plan().get());
        }
        problems.addAll(outputProblems(output, spec, outcome.plan()));
        if (!refused) {
            problems.addAll(sourceProblems(outcome.plan().get()));
            problems.addAll(roomProblems(outcome.plan().get()));
        }
        return refused || problems.stream().anyMatch(Problem::isError)
                ? new Refused(problems)
                : new Proven(outcome.plan().get(), problems);
    }

    /** Whether the output is what would be published, with nothing missing. */
    private boolean isResult(OutputFolder output, MergePlan plan) throws IOException {
        return output instanceof OutputFolder.Published published
                && published.job().equals(plan.job())
                && damage(published, plan).isEmpty();
    }

    private List<Problem> outputProblems(
            OutputFolder output, JobSpec spec, Optional<MergePlan> plan) throws IOException {
        String why =
                output instanceof OutputFolder.Published published
                        ? whyNotThis(published, plan)
                        : "";
        return output.problems(staging, spec.options().overwrite(), why);
    }

    /** What makes a merge result at the output another one than this job's. */
    private String whyNotThis(OutputFolder.Published found, Optional<MergePlan> plan)
            throws IOException {
        if (plan.isEmpty()) {
            return "the result of a merge";
        }
        if (found.job().equals(plan.get().job())) {
            return "this merge's result, but it is not whole: "
                    + damage(found, plan.get()).orElse("it was, a moment ago");
        }
        Map<String, FileIdentity> now = new HashMap<>();
        plan.get().sources().forEach(source -> now.put(source.path(), source));
        for (FileIdentity then : Provenance.sourcesOf(staging.output())) {
            FileIdentity source = now.get(then.path());
            if (source != null && !source.stillIs(then)) {
                return "the result of this merge from another version of " + then.path();
            }
        }
        return "the result of a merge with another recipe, other models or other options";
    }

    /** What a result of this merge lacks, if it lacks anything. */
    private Optional<String> damage(OutputFolder.Published found, MergePlan plan)
            throws IOException {
        for (ShardTask shard : plan.shards()) {
            Path file = staging.output().resolve(shard.file());
            if (!Files.isRegularFile(file)) {
                return Optional.of("%s is missing".formatted(shard.file()));
            }
            if (Files.size(file) != shard.bytes()) {
                return Optional.of(
                        "%s has %,d bytes, and should have %,d"
                                .formatted(shard.file(), Files.size(file), shard.bytes()));
            }
        }
        return found.complete()
                ? Optional.empty()
                : Optional.of("%s is missing".formatted(OutputFolder.CONFIG));
    }

    private List<Problem> sourceProblems(MergePlan plan) throws IOException {
        List<Problem> problems = new ArrayList<>();
        Path output = staging.output();
        for (FileIdentity source : plan.sources()) {
            Path file = Path.of(source.path());
            if (!Files.exists(file)) {
                problems.add(
                        Problem.error(
                                SOURCE_ABSENT,
                                file.toString(),
                                "the weights are not there",
                                "download them: a plan needs only headers, a merge needs all"));
            } else if (liesIn(file, output)) {
                problems.add(
                        Problem.error(
                                SOURCE_IS_OUTPUT,
                                output.toString(),
                                "the output holds a source of this merge, " + file,
                                "choose another output: this one would be replaced"));
                break;
            }
        }
        return problems;
    }

    /** By its name or, where that is a link, by what it leads to. */
    private static boolean liesIn(Path file, Path folder) throws IOException {
        Path parent = file.getParent();
        return file.toRealPath().startsWith(folder)
                || parent != null && parent.toRealPath().startsWith(folder);
    }

    private List<Problem> roomProblems(MergePlan plan) {
        List<Problem> problems = new ArrayList<>();
        Volume volume = OutputVolume.of(staging.output());
        // Shared blocks need no room, and how many will be shared only the copying shows.
        long written = volume.sharesBlocks() ? 0 : plan.model().bytes();
        long needed = written + diskReserve;
        if (needed > volume.freeBytes()) {
            problems.add(
                    Problem.error(
                            NO_ROOM,
                            staging.output().toString(),
                            String.format(
                                    Locale.ROOT,
                                    "the output needs %,d bytes%s, its file system has %,d free:"
                                            + " %,d are missing",
                                    written,
                                    diskReserve == 0
                                            ? ""
                                            : String.format(
                                                    Locale.ROOT,
                                                    " and %,d are reserved",
                                                    diskReserve),
                                    volume.freeBytes(),
                                    needed - volume.freeBytes()),
                            "make room, or choose an output on another file system"));
        }
        return problems;
    }
}
