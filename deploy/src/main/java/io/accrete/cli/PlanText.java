package io.accrete.cli;

import io.accrete.coordinator.plan.PlanReport;
import io.accrete.coordinator.plan.PlanReport.Disk;
import io.accrete.coordinator.plan.PlanReport.Growth;
import io.accrete.coordinator.plan.PlanReport.Omitted;
import io.accrete.coordinator.plan.PlanReport.OtherLayout;
import io.accrete.coordinator.plan.PlanReport.Shard;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.tensor.PlainText;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan as people read it. */
final class PlanText {
    private static final int ROWS_MAX = 12;

    private final PlanReport plan;
    private final List<String> lines = new ArrayList<>();

    private PlanText(PlanReport plan) {
        this.plan = plan;
    }

    /**
     * @param whole every shard and every omission, however many there are
     */
    static List<String> lines(PlanReport plan, boolean colour, boolean whole) {
        PlanText text = new PlanText(plan);
        text.model();
        text.lines.add("");
        text.lines.addAll(LayerMap.draw(plan.sites(), colour));
        text.lines.add("");
        text.costs();
        text.shards(whole ? Integer.MAX_VALUE : ROWS_MAX);
        text.omissions(whole ? Integer.MAX_VALUE : ROWS_MAX);
        return text.lines;
    }

    private void model() {
        lines.add(PlainText.of("%s of %s".formatted(plan.method(), plan.architecture())));
        long clones = plan.sites().stream().filter(site -> site.occurrence() > 0).count();
        Growth growth = plan.growth();
        row(
                "layers",
                "%d%s%s"
                        .formatted(
                                plan.layers(),
                                clones == 0 ? "" : ", %d of them clones".formatted(clones),
                                growth == null
                                        ? ""
                                        : " (%d before)".formatted(growth.layersBefore())));
        row(
                "parameters",
                count(plan.parameters())
                        + (growth == null
                                ? ""
                                : grown(
                                        plan.parameters(),
                                        growth.parametersBefore(),
                                        count(growth.parametersBefore()))));
        if (growth != null && growth.kvBytesPerToken() > 0) {
            row(
                    "KV cache",
                    "%s a token at 16 bits%s"
                            .formatted(
                                    ByteCount.text(growth.kvBytesPerToken()),
                                    grown(
                                            growth.kvBytesPerToken(),
                                            growth.kvBytesPerTokenBefore(),
                                            ByteCount.text(growth.kvBytesPerTokenBefore()))));
        }
        row(
                "tensors",
                "%d, mostly %s, %s in %s"
                        .formatted(
                                plan.tensors(),
                                plan.dtype(),
                                ByteCount.text(plan.bytes()),
                                Quantity.of(plan.shards().size(), "shard")));
        row("config", "from " + plan.configDonor());
        if (!plan.tokenizerDonor().isEmpty()) {
            row("tokenizer", "from " + plan.tokenizerDonor());
        }
        if (!plan.weightsPresent()) {
            row("note", "not all weights are there: shapes follow from config.json and the index");
        }
    }

    private void costs() {
        row(
                "layout " + plan.layout(),
                bytes(plan.bytesShared(), plan.bytesCopied(), plan.bytesComputed()));
        OtherLayout other = plan.otherLayout();
        if (other != null) {
            row(
                    "layout " + other.layout(),
                    "%s, in %s"
                            .formatted(
                                    bytes(
                                            other.bytesShared(),
                                            other.bytesCopied(),
                                            other.bytesComputed()),
                                    Quantity.of(other.shards(), "shard")));
        }
        Disk disk = plan.disk();
        if (disk != null) {
            row(
                    "disk",
                    "%s needed, %s free (%s)"
                            .formatted(
                                    ByteCount.text(disk.bytesNeeded()),
                                    ByteCount.text(disk.bytesFree()),
                                    disk.fileSystem()));
        }
        row(
                "memory",
                "%s with one worker, the JVM's own included"
                        .formatted(ByteCount.text(plan.memoryBytesPerWorker())));
    }

    private void shards(int rowsMax) {
        lines.add("");
        lines.add("  shards");
        List<Shard> shards = plan.shards();
        for (Shard shard : shards.subList(0, Math.min(rowsMax, shards.size()))) {
            lines.add(
                    "    %-40s %9s  %s"
                            .formatted(
                                    shard.file(),
                                    ByteCount.text(shard.bytes()),
                                    Quantity.of(shard.tensors(), "tensor")));
        }
        more(shards.size() - rowsMax);
    }

    private void omissions(int rowsMax) {
        if (plan.omitted().isEmpty()) {
            return;
        }
        lines.add("");
        lines.add("  left out");
        List<Omitted> omitted = plan.omitted();
        for (Omitted part : omitted.subList(0, Math.min(rowsMax, omitted.size()))) {
            lines.add(
                    "    %s of %s (%s, %s): %s"
                            .formatted(
                                    PlainText.of(part.what()),
                                    PlainText.of(part.model()),
                                    Quantity.of(part.tensors(), "tensor"),
                                    ByteCount.text(part.bytes()),
                                    PlainText.of(part.why())));
        }
        more(omitted.size() - rowsMax);
    }

    private void more(int left) {
        if (left > 0) {
            lines.add("    and %d more (--verbose shows them)".formatted(left));
        }
    }

    private void row(String what, String text) {
        lines.add("  %-16s %s".formatted(what, PlainText.of(text)));
    }

    private static String bytes(long shared, long copied, long computed) {
        return "shared %s, copied %s, computed %s"
                .formatted(
                        ByteCount.text(shared), ByteCount.text(copied), ByteCount.text(computed));
    }

    private static String grown(long after, long before, String beforeText) {
        return before <= 0
                ? ""
                : String.format(
                        Locale.ROOT, " (%s before: x %.2f)", beforeText, (double) after / before);
    }

    /** For example {@code 121.9 billion}. */
    private static String count(long parameters) {
        if (parameters >= 1_000_000_000L) {
            return String.format(Locale.ROOT, "%.1f billion", parameters / 1e9);
        }
        return parameters >= 1_000_000L
                ? String.format(Locale.ROOT, "%.1f million", parameters / 1e6)
                : "%,d".formatted(parameters);
    }
}
