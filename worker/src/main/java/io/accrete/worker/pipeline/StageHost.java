package io.accrete.worker.pipeline;

import io.accrete.protocol.job.LogFields;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.TrainingFile;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.worker.data.DataException;
import io.accrete.worker.link.LinkException;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.train.SourceChangedException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Holds stages while their lease lasts, and does one command after the other. A command that comes
 * again is answered again, not done again, so that no message that is lost, or comes twice, and no
 * driver that takes over from another, changes anything.
 */
public final class StageHost {
    private static final Logger LOG = LoggerFactory.getLogger(StageHost.class);

    private final StageRef held;
    private final StageInbox inbox;
    private final StageLinks links;
    private final ComputeDevice device;
    private @Nullable StageGroup group;
    private long round;
    private @Nullable StageCommand last;
    private @Nullable StageAnswer answer;

    /** Until the stages begin anew. */
    private StageAnswer.@Nullable EdgeBroken severed;

    /**
     * @param server of this process, where other groups reach this one
     * @param device that the stages compute on
     */
    public StageHost(
            StageRef held, StageInbox inbox, Optional<LinkServer> server, ComputeDevice device) {
        this.held = held;
        this.device = device;
        this.links = new StageLinks(held.job(), held.group(), server, inbox::broken);
        this.inbox = inbox;
        inbox.onBeginning(links::breakOlder);
    }

    /**
     * Serves until the thread is interrupted, which the end of the lease does.
     *
     * @throws InterruptedException always
     */
    public void serve() throws InterruptedException {
        try {
            while (true) {
                if (inbox.take() instanceof StageInbox.Letter(var lease, var command)) {
                    MDC.put(LogFields.EPOCH, lease.toString());
                    obey(command);
                }
                lookAtEdges();
            }
        } finally {
            if (group != null) {
                group.close();
            }
        }
    }

    private void obey(StageCommand command) throws InterruptedException {
        if (!command.equals(last)) {
            last = command;
            round = command.round();
            answer = severed == null || isBeginning(command) ? done(command) : told(severed);
        }
        if (answer != null) {
            inbox.answer(answer);
        }
    }

    /**
     * The driver may wait for a group that is gone, while this one has done its part and waits for
     * the next command.
     */
    private void lookAtEdges() throws InterruptedException {
        Optional<LinkException> breach = links.breach();
        if (breach.isPresent()) {
            answer = broken(breach.get());
            inbox.answer(answer);
        }
    }

    /** Whether the command needs nothing of what was before. */
    private static boolean isBeginning(StageCommand command) {
        return command instanceof StageCommand.Begin || command instanceof StageCommand.Export;
    }

    private StageAnswer broken(LinkException why) throws InterruptedException {
        LOG.warn("{}: {}", held.job(), why.getMessage());
        List<LinkAddress> refusing = links.giveUp();
        severed =
                new StageAnswer.EdgeBroken(
                        held.group(), round, 0, String.valueOf(why.getMessage()), refusing);
        return told(severed);
    }

    /** As what became of the last command. */
    private StageAnswer told(StageAnswer.EdgeBroken edge) {
        long number =
                last instanceof StageCommand.InCourse command ? command.bearings().number() : 0;
        return new StageAnswer.EdgeBroken(edge.group(), round, number, edge.why(), edge.refusing());
    }

    private StageAnswer done(StageCommand command) throws InterruptedException {
        try {
            return answered(command);
        } catch (DataException e) {
            Integer line = e.line() == 0 ? null : e.line();
            return unable(
                    TaskFailure.Kind.UNABLE,
                    new Problem(
                            Problem.Severity.ERROR,
                            e.code(),
                            e.file().toString(),
                            line,
                            null,
                            String.valueOf(e.getMessage()),
                            e.fix(),
                            null));
        } catch (LinkException e) {
            return broken(e);
        } catch (SourceChangedException e) {
            return unable(TaskFailure.Kind.SOURCE_CHANGED, problem(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            LOG.warn("{}: {} failed", held.job(), command, e);
            boolean full = StorageFailure.isFullDisk(e, Path.of(held.plan()), 0);
            return unable(
                    full ? TaskFailure.Kind.DISK_FULL : TaskFailure.Kind.IO,
                    problem(StorageFailure.sentence(e)));
        } catch (RuntimeException e) {
            LOG.warn("{}: {} failed", held.job(), command, e);
            return unable(TaskFailure.Kind.INTERNAL, problem(e.toString()));
        }
    }

    private StageAnswer answered(StageCommand command) throws IOException, InterruptedException {
        StageGroup stages = group();
        int number = held.group();
        return switch (command) {
            case StageCommand.Begin begin -> {
                severed = null;
                yield new StageAnswer.Begun(number, begin.round(), stages.begin(begin));
            }
            case StageCommand.Step(long in, var verdict, int step, long firstRow, var _) -> {
                stages.decide(verdict);
                StepFigures figures = stages.step(firstRow);
                yield new StageAnswer.Stepped(number, in, step, figures, stages.isSettled());
            }
            case StageCommand.Score(long in, var verdict, int step, var _) -> {
                stages.decide(verdict);
                double sum = stages.score();
                long tokens = stages.heldBack();
                yield new StageAnswer.Scored(number, in, step, sum, tokens, stages.samples());
            }
            case StageCommand.Save(long in, var verdict, int step, String folder, var _) -> {
                stages.decide(verdict);
                stages.save(Path.of(folder));
                yield new StageAnswer.Saved(number, in, step);
            }
            case StageCommand.Settle(long in, var verdict, int step, var _) -> {
                stages.decide(verdict);
                yield new StageAnswer.Settled(number, in, step, stages.settled());
            }
            case StageCommand.Export(long in, var from, String folder) -> {
                StageGroup.Result result = stages.export(from, Path.of(folder));
                yield new StageAnswer.Exported(number, in, result.shards(), result.examination());
            }
        };
    }

    private StageGroup group() throws IOException {
        StageGroup known = group;
        if (known == null) {
            known =
                    new StageGroup(
                            TrainingFile.read(Path.of(held.plan()), held.planSha256()),
                            links,
                            device);
            group = known;
        }
        return known;
    }

    /** Other groups need not wait for this one any more. */
    private StageAnswer unable(TaskFailure.Kind kind, Problem problem) {
        links.close();
        return new StageAnswer.Unable(held.group(), round, kind, problem);
    }

    private static Problem problem(String sentence) {
        return Problem.error("RES-202", null, sentence, "see the log of the worker");
    }
}
