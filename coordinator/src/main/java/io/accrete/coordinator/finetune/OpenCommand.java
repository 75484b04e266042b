package io.accrete.coordinator.finetune;

import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A command that groups of stages are doing, and what they have answered. */
final class OpenCommand {
    private final StageCommand command;
    private final List<Integer> to;
    private final int expected;
    private final Map<Integer, StageAnswer> answers = new TreeMap<>();

    /**
     * @param to groups that somebody holds
     * @param expected answers, also of groups that nobody holds now
     */
    OpenCommand(StageCommand command, List<Integer> to, int expected) {
        this.command = command;
        this.to = to;
        this.expected = expected;
    }

    StageCommand command() {
        return command;
    }

    /** Whether it is what a group was doing, or had done, when an edge broke. */
    boolean isOf(StageAnswer.EdgeBroken told) {
        return command instanceof StageCommand.InCourse course
                && course.bearings().number() == told.command();
    }

    /** To all that have not answered. */
    List<CourseEffect> sends() {
        return to.stream().flatMap(group -> sends(group).stream()).toList();
    }

    List<CourseEffect> sends(int group) {
        return answers.containsKey(group) || !to.contains(group)
                ? List.of()
                : List.of(new CourseEffect.Send(group, command));
    }

    /** Takes an answer, if it is one to this command; whether all have answered then. */
    boolean completes(StageAnswer.InRound answer) {
        if (!GroupAnswers.fit(command, answer)) {
            return false;
        }
        answers.put(answer.group(), answer);
        return answers.size() == expected;
    }

    /** In the order of the groups. */
    List<StageAnswer> answers() {
        return List.copyOf(answers.values());
    }
}
