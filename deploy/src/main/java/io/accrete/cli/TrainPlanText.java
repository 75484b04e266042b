package io.accrete.cli;

import io.accrete.coordinator.train.TrainReport;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.tensor.PlainText;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The plan of a training as people read it. */
final class TrainPlanText {
    private TrainPlanText() {}

    static List<String> lines(TrainReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(PlainText.of("training of " + report.architecture()));
        long clones = report.sites().stream().filter(site -> site.occurrence() > 0).count();
        row(
                lines,
                "layers",
                "%d%s"
                        .formatted(
                                report.layers(),
                                clones == 0 ? "" : ", %d of them clones".formatted(clones)));
        row(
                lines,
                "parameters",
                "%,d; %,d learn".formatted(report.parameters(), report.trainedParameters()));
        row(
                lines,
                "steps",
                String.format(
                        Locale.ROOT,
                        "%,d of %,d tokens, %.3g operations in all",
                        report.steps(),
                        report.tokensPerStep(),
                        report.operations()));
        report.remedies().forEach(remedy -> row(lines, "remedy", PlainText.of(remedy)));
        row(
                lines,
                "checkpoints",
                "%s each, %s on disk"
                        .formatted(
                                ByteCount.text(report.checkpointBytes()),
                                ByteCount.text(report.checkpointDiskBytes())));
        row(lines, "result", ByteCount.text(report.outputBytes()));
        TrainReport.Pipeline pipeline = report.pipeline();
        if (pipeline != null) {
            pipeline(lines, pipeline);
        }
        report.advice().forEach(advice -> row(lines, "advice", advice));
        return lines;
    }

    private static void pipeline(List<String> lines, TrainReport.Pipeline pipeline) {
        row(
                lines,
                "pipeline",
                "%s, %s, %s, activations: %s"
                        .formatted(
                                Quantity.of(pipeline.stages().size(), "stage"),
                                pipeline.schedule(),
                                Quantity.of(
                                        pipeline.microBatches(), "micro-batch", "micro-batches"),
                                pipeline.activations()));
        row(
                lines,
                "modelled",
                String.format(
                        Locale.ROOT,
                        "%.3g s a step, %.3g tokens/s, %.3g h in all",
                        pipeline.stepSeconds(),
                        pipeline.tokensPerSecond(),
                        pipeline.seconds() / 3600));
        row(
                lines,
                "bubble",
                String.format(
                        Locale.ROOT,
                        "%.1f %% (even stages %.1f %%, split backward passes %.1f %%)",
                        100 * pipeline.bubble(),
                        100 * pipeline.bubbleOfEvenStages(),
                        100 * pipeline.bubbleIfSplit()));
        lines.add("");
        lines.add(
                "  stage  %-16s %9s %9s %9s %9s %9s %9s %9s %9s"
                        .formatted(
                                "sites",
                                "weights",
                                "masters",
                                "gradients",
                                "moments",
                                "activat.",
                                "working",
                                "edges",
                                "of"));
        for (TrainReport.Stage stage : pipeline.stages()) {
            lines.add(
                    "  %5d  %-16s %9s %9s %9s %9s %9s %9s %9s %9s"
                            .formatted(
                                    stage.stage(),
                                    String.join(" ", stage.sites()),
                                    ByteCount.text(stage.memory().weights()),
                                    ByteCount.text(stage.memory().masters()),
                                    ByteCount.text(stage.memory().gradients()),
                                    ByteCount.text(stage.memory().moments()),
                                    ByteCount.text(stage.memory().activations()),
                                    ByteCount.text(stage.memory().working()),
                                    ByteCount.text(stage.memory().edges()),
                                    ByteCount.text(stage.workerBytes())));
        }
        lines.add("");
    }

    private static void row(List<String> lines, String what, String text) {
        lines.add("  %-16s %s".formatted(what, PlainText.of(text)));
    }
}
