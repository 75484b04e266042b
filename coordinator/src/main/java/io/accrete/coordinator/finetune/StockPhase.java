package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks what of an earlier run can be gone on from, and goes on from there. */
final class StockPhase {

    /**
     * What was found.
     *
     * @param lost steps of checkpoints that are damaged
     */
    private record Found(PlannedTraining planned, List<Integer> lost, int kept, String sentence) {}

    private final Desk desk;
    private final TrainingState training;
    private final TrainSetting setting;

    private StockPhase(Desk desk, TrainingState training, TrainSetting setting) {
        this.desk = desk;
        this.training = training;
        this.setting = setting;
    }

    static Behavior<DriverInput> begin(Desk desk, TrainSetting setting) {
        StockPhase phase = new StockPhase(desk, desk.job().training().orElseThrow(), setting);
        desk.later(
                phase::takeStock,
                phase::found,
                failure -> desk.pauseFor(failure, "taking stock", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Found takeStock() throws IOException {
        PlannedTraining planned =
                TrainingFile.read(Path.of(training.plan().file()), training.plan().sha256());
        List<Integer> lost = new ArrayList<>();
        List<String> sentences = new ArrayList<>();
        List<JobEvent.CheckpointCommitted> newestFirst =
                training.checkpoints().sequencedValues().reversed().stream().toList();
        for (JobEvent.CheckpointCommitted committed : newestFirst) {
            Optional<String> damage = CheckpointFolders.damage(committed.checkpoint());
            if (damage.isEmpty()) {
                break;
            }
            lost.add(committed.checkpoint().step());
            sentences.add(damage.get());
        }
        TrainingState left = training.without(lost);
        Optional<Checkpoint> best = left.best();
        Optional<String> bestDamage =
                best.isPresent() ? CheckpointFolders.damage(best.get()) : Optional.empty();
        if (bestDamage.isPresent()) {
            lost.add(best.orElseThrow().step());
            left = training.without(lost);
            sentences.add(
                    bestDamage.get()
                            + ", which was the best so far: the last weights are published if no"
                            + " better follow");
        }
        DurableFiles.deleteTree(desk.staging().model());
        sentences.add(
                left.done().step() == 0
                        ? "no checkpoint is there to go on from"
                        : "the checkpoint of step %d is there to go on from"
                                .formatted(left.done().step()));
        return new Found(planned, lost, left.checkpoints().size(), String.join("; ", sentences));
    }

    private Behavior<DriverInput> found(Found found) {
        return desk.report(
                new JobCommand.TakeStock(found.lost(), found.kept(), found.sentence()),
                job -> TrainingPhase.begin(desk, found.planned(), job, setting));
    }
}
