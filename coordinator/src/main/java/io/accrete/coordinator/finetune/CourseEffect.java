package io.accrete.coordinator.finetune;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.TaskFailure;

import java.util.List;
import java.util.Optional;

/** What the driver of a training has to do. */
sealed interface CourseEffect {

    record Send(int group, StageCommand command) implements CourseEffect {}

    /**
     * A line goes to the end of the file of metrics.
     *
     * @param text with its newline
     */
    record Write(String text) implements CourseEffect {}

    /** Journal it, once what was written before is on the disk. */
    record Commit(Checkpoint checkpoint, TrainState state) implements CourseEffect {}

    /**
     * Whether the file of metrics has what the driver before had written when it gave that command.
     */
    record Compare(StageCommand.InCourse last) implements CourseEffect {}

    /** The file of metrics goes on from there. */
    record TakeUp(MetricsMark metrics) implements CourseEffect {}

    /**
     * All stages have begun, so that no driver can go on with another round: what they saved in
     * one, and nobody journaled, is of no use.
     */
    record Discard(long round) implements CourseEffect {}

    /**
     * Stages do not reach others: who is dead should be known soon.
     *
     * @param gone leases of those who are known to be
     */
    record Suspect(List<Epoch> gone) implements CourseEffect {
        public Suspect {
            gone = List.copyOf(gone);
        }
    }

    /** All stages are to begin anew, from what is journaled. */
    record StepBack(String reason) implements CourseEffect {}

    /** An earlier step is to be gone on from in another way: journal that, and begin anew. */
    record GoBack(Rewind rewind) implements CourseEffect {}

    /** A person is to look; all that is done is journaled. */
    record Pause(String reason) implements CourseEffect {}

    /** All steps are done, their weights are written and perhaps looked at. */
    record Complete(List<WrittenShard> shards, Optional<Examination> examination)
            implements CourseEffect {}

    /** It cannot go on: not now, or not at all. */
    record GiveUp(TaskFailure.Kind kind, Problem problem) implements CourseEffect {}

    /** Something that a person may want to know. */
    record Note(String sentence) implements CourseEffect {}
}
