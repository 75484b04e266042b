package io.accrete.protocol.wire;

import akka.actor.typed.ActorRef;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.WrittenShard;

import java.util.List;
import java.util.Optional;

/** From a host of stages to the driver of their training. */
public sealed interface StageAnswer extends Wire {
    int group();

    /**
     * A host is there and holds the group.
     *
     * @param numericClass results agree bit for bit within one
     * @param link where other groups reach it
     * @param kept what the stages were commanded last, under a lease before this one: they have
     *     done it, or still do; empty where they have no state to go on with
     */
    record Arrived(
            int group,
            Epoch lease,
            String worker,
            String numericClass,
            Optional<LinkAddress> link,
            Optional<StageCommand.InCourse> kept,
            ActorRef<StageCommand> host)
            implements StageAnswer {}

    /** What is said in a round. */
    sealed interface InRound extends StageAnswer {
        long round();
    }

    /**
     * The stages have their state.
     *
     * @param remarks what a person may want to know of the texts, as sentences
     */
    record Begun(int group, long round, List<String> remarks) implements InRound {
        public Begun {
            remarks = List.copyOf(remarks);
        }
    }

    /**
     * @param settled whether all that was saved is on the disk
     */
    record Stepped(int group, long round, int step, StepFigures figures, boolean settled)
            implements InRound {}

    /**
     * @param nllSum over all held-back texts; 0 from groups without the head
     * @param tokens scored; 0 where nothing is held back
     * @param samples how the model goes on from the beginnings that the job names; every group
     *     knows
     */
    record Scored(
            int group, long round, int step, double nllSum, long tokens, List<SampleText> samples)
            implements InRound {
        public Scored {
            samples = List.copyOf(samples);
        }
    }

    /** The parts are written, and the stages may go on; the disk may not have them yet. */
    record Saved(int group, long round, int step) implements InRound {}

    /** The parts are on the disk. */
    record Settled(int group, long round, int step, List<CheckpointPart> parts) implements InRound {
        public Settled {
            parts = List.copyOf(parts);
        }
    }

    /**
     * The weights of the result are on the disk.
     *
     * @param examination of the result beside its base, where that is no great effort
     */
    record Exported(
            int group, long round, List<WrittenShard> shards, Optional<Examination> examination)
            implements InRound {
        public Exported {
            shards = List.copyOf(shards);
        }
    }

    /**
     * An edge to another group broke, so that the round is over for this one: in the middle of a
     * command, or after it was answered.
     *
     * @param command number of the last command that the group knows
     * @param refusing addresses of neighbours at which nobody listens any more: their processes are
     *     gone
     */
    record EdgeBroken(int group, long round, long command, String why, List<LinkAddress> refusing)
            implements InRound {
        public EdgeBroken {
            refusing = List.copyOf(refusing);
        }
    }

    /**
     * The host cannot do what was commanded, and waits for another round.
     *
     * @param kind whether trying again may help
     * @param problem what is wrong, with its place if it has one
     */
    record Unable(int group, long round, TaskFailure.Kind kind, Problem problem)
            implements InRound {}
}
