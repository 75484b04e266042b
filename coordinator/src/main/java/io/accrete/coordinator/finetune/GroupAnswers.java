package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** What groups of stages say to a command, taken together. */
final class GroupAnswers {
    private GroupAnswers() {}

    /** Whether an answer is one to that command. */
    static boolean fit(StageCommand command, StageAnswer.InRound answer) {
        return switch (answer) {
            case StageAnswer.Begun _ -> command instanceof StageCommand.Begin;
            case StageAnswer.Stepped stepped ->
                    command instanceof StageCommand.Step c && c.step() == stepped.step();
            case StageAnswer.Scored scored ->
                    command instanceof StageCommand.Score c && c.step() == scored.step();
            case StageAnswer.Saved saved ->
                    command instanceof StageCommand.Save c && c.step() == saved.step();
            case StageAnswer.Settled settled ->
                    command instanceof StageCommand.Settle c && c.step() == settled.step();
            case StageAnswer.Exported _ -> command instanceof StageCommand.Export;
            case StageAnswer.Unable _, StageAnswer.EdgeBroken _ -> false;
        };
    }

    /** On the texts; every group that reads them says the same. */
    static List<CourseEffect> remarks(List<StageAnswer> all) {
        return all.stream()
                .flatMap(a -> ((StageAnswer.Begun) a).remarks().stream())
                .distinct()
                .<CourseEffect>map(CourseEffect.Note::new)
                .toList();
    }

    /** After a step: whether all that was saved is on the disk. */
    static boolean settled(List<StageAnswer> all) {
        return all.stream().allMatch(a -> ((StageAnswer.Stepped) a).settled());
    }

    static StepFigures figures(List<StageAnswer> all) {
        return all.stream()
                .map(a -> ((StageAnswer.Stepped) a).figures())
                .reduce(StepFigures::with)
                .orElseThrow();
    }

    /**
     * The loss on the texts that are held back.
     *
     * @param mean over its tokens
     */
    record Validation(double mean, long tokens) {}

    static Validation validation(List<StageAnswer> all) {
        double sum = 0;
        long tokens = 0;
        for (StageAnswer answer : all) {
            StageAnswer.Scored scored = (StageAnswer.Scored) answer;
            sum += scored.nllSum();
            tokens = Math.max(tokens, scored.tokens());
        }
        return new Validation(sum / tokens, tokens);
    }

    /** The mean over what was scored; empty where nothing was, or nothing was to be. */
    static OptionalDouble loss(List<StageAnswer> all) {
        if (all.getFirst() instanceof StageAnswer.Scored) {
            Validation found = validation(all);
            return found.tokens() > 0 ? OptionalDouble.of(found.mean()) : OptionalDouble.empty();
        }
        if (!(all.getFirst() instanceof StageAnswer.Stepped)) {
            return OptionalDouble.empty();
        }
        StepFigures figures = figures(all);
        long targets = Standing.targets(figures);
        double sum = figures.totals().stream().mapToDouble(MicroLoss::loss).sum();
        return targets == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / targets);
    }

    /** Of all groups, by file. */
    static List<CheckpointPart> parts(List<StageAnswer> all) {
        List<CheckpointPart> parts = new ArrayList<>();
        all.forEach(answer -> parts.addAll(((StageAnswer.Settled) answer).parts()));
        parts.sort(Comparator.comparing(CheckpointPart::file));
        return parts;
    }
}
