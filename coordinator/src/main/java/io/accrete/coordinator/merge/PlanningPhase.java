package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.OutputFolder;
import io.accrete.coordinator.drive.OutputVolume;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.plan.Volume;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;
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

/** Proves the recipe and the output; writes the plan only if both are right. */
final class PlanningPhase {
    private static final String SOURCE_ABSENT = "STO-022";
    private static final String SOURCE_IS_OUTPUT = "STO-023";
    private static final String NO_ROOM = "RES-001";

    /** What planning came to. */
    private sealed interface Result {
        record Refused(List<Problem> problems) implements Result {
            public Refused {
                problems = List.copyOf(problems);
                if (problems.stream().noneMatch(Problem::isError)) {
                    throw new IllegalArgumentException("refused without a reason: " + problems);
                }
            }
        }

        record Adopted(MergeSummary summary) implements Result {}

        record Ready(MergePlan plan, JobCommand.AcceptPlan command) implements Result {}
    }

    private final Desk desk;
    private final Planner planner;
    private final String program;
    private final long diskReserve;

    private PlanningPhase(Desk desk, Planner planner, String program, long diskReserve) {
        this.desk = desk;
        this.planner = planner;
        this.program = program;
        this.diskReserve = diskReserve;
    }

    static Behavior<DriverInput> begin(
            Desk desk, Planner planner, String program, long diskReserve) {
        PlanningPhase phase = new PlanningPhase(desk, planner, program, diskReserve);
        desk.later(phase::plan, phase::planned, phase::failed);
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Behavior<DriverInput> planned(Result result) {
        return switch (result) {
            case Result.Refused(List<Problem> problems) ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED, sentence(problems), problems));
            case Result.Adopted(MergeSummary summary) -> {
                desk.report(new JobCommand.AdoptPublished(summary));
                yield Behaviors.receiveMessage(
                        message ->
                                message instanceof DriverInput.FromJob(DriverMessage.Recorded r)
                                        ? Behaviors.stopped()
                                        : desk.otherwise(message));
            }
            case Result.Ready(MergePlan plan, JobCommand.AcceptPlan command) -> {
                desk.report(command);
                yield Behaviors.receiveMessage(message -> accepted(plan, message));
            }
        };
    }

    private Behavior<DriverInput> accepted(MergePlan plan, DriverInput message) {
        return message instanceof DriverInput.FromJob(DriverMessage.Recorded(var command, var job))
                        && command instanceof JobCommand.AcceptPlan
                ? RunningPhase.begin(desk, MergeProgress.begun(plan), job, program)
                : desk.otherwise(message);
    }

    private Behavior<DriverInput> failed(Throwable failure) {
        if (failure instanceof IOException) {
            return desk.fail(
                    new JobCommand.Fail(
                            ReasonCode.PLAN_REFUSED,
                            "planning failed: " + Desk.sentence(failure),
                            List.of()));
        }
        return desk.fail(
                new JobCommand.Fail(ReasonCode.INTERNAL, "planning failed: " + failure, List.of()));
    }

    private Result plan() throws IOException {
        JobSpec spec = desk.job().spec();
        OutputFolder output = OutputFolder.look(desk.staging());
        Planner.Outcome outcome = planner.plan(spec);
        List<Problem> problems = new ArrayList<>(outcome.problems());
        boolean refused = problems.stream().anyMatch(Problem::isError) || outcome.plan().isEmpty();
        if (!refused && isResult(output, outcome.plan().get())) {
            return new Result.Adopted(adopt(outcome.plan().get()));
        }
        problems.addAll(outputProblems(output, spec, outcome.plan()));
        if (!refused) {
            problems.addAll(sourceProblems(outcome.plan().get()));
            problems.addAll(roomProblems(outcome.plan().get()));
        }
        if (refused || problems.stream().anyMatch(Problem::isError)) {
            return new Result.Refused(problems);
        }
        return ready(outcome.plan().get(), problems);
    }

    /** Whether the output is what would be published, with nothing missing. */
    private boolean isResult(OutputFolder output, MergePlan plan) throws IOException {
        return output instanceof OutputFolder.Published published
                && published.job().equals(plan.job())
                && damage(published, plan).isEmpty();
    }

    private MergeSummary adopt(MergePlan plan) throws IOException {
        Path output = desk.staging().output();
        ShardReceipt.Moved moved = Provenance.movedOf(output).orElse(ShardReceipt.Moved.NONE);
        return MergeProgress.summary(
                plan, output.toString(), moved, desk.seconds(), plan.shards().size());
    }

    private Result ready(MergePlan plan, List<Problem> warnings) throws IOException {
        Staging staging = desk.staging();
        PlanFile file = PlanFile.of(plan);
        DurableFiles.createFolder(staging.root());
        // Whatever stands here belongs to a plan that was never journaled.
        DurableFiles.deleteTree(staging.tmp());
        DurableFiles.deleteTree(staging.model());
        DurableFiles.createFolder(staging.tmp());
        DurableFiles.createFolder(staging.model());
        DurableFiles.write(staging.plan(), file.json());
        return new Result.Ready(
                plan,
                new JobCommand.AcceptPlan(
                        staging.plan().toString(),
                        file.sha256(),
                        plan.job(),
                        plan.model(),
                        plan.shards().size(),
                        warnings));
    }

    private List<Problem> outputProblems(
            OutputFolder output, JobSpec spec, Optional<MergePlan> plan) throws IOException {
        String why =
                output instanceof OutputFolder.Published published
                        ? whyNotThis(published, plan)
                        : "";
        return output.problems(desk.staging(), spec.options().overwrite(), why);
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
        for (FileIdentity then : Provenance.sourcesOf(desk.staging().output())) {
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
            Path file = desk.staging().output().resolve(shard.file());
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
        Path output = desk.staging().output();
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
        Volume volume = OutputVolume.of(desk.staging().output());
        // Shared blocks need no room, and how many will be shared only the copying shows.
        long written = volume.sharesBlocks() ? 0 : plan.model().bytes();
        long needed = written + diskReserve;
        if (needed > volume.freeBytes()) {
            problems.add(
                    Problem.error(
                            NO_ROOM,
                            desk.staging().output().toString(),
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

    private static String sentence(List<Problem> problems) {
        List<Problem> errors = problems.stream().filter(Problem::isError).toList();
        return switch (errors.size()) {
            case 0 -> "the recipe has no plan";
            case 1 -> errors.getFirst().message();
            default ->
                    "%d problems, the first: %s"
                            .formatted(errors.size(), errors.getFirst().message());
        };
    }
}
