package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.PlanReport.Disk;
import io.accrete.coordinator.plan.PlanReport.Growth;
import io.accrete.coordinator.plan.PlanReport.OtherLayout;
import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan.OutputModel;
import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a plan. */
record PlanSummary(
        PlanRequest request,
        Stack stack,
        CatalogModel donor,
        CatalogModel tokenizerDonor,
        List<PlannedTensor> tensors,
        Packing packing,
        SourceFiles files) {
    private static final int BYTES_PER_KV_NUMBER = 2;

    long parameters() {
        return tensors.stream().mapToLong(t -> t.output().shape().elements()).sum();
    }

    OutputModel outputModel() {
        return new OutputModel(
                donor.architectureName(),
                request.recipe().method().value(),
                mainType().name(),
                stack.layers(),
                tensors.size(),
                parameters(),
                packing.bytes());
    }

    private DType mainType() {
        Map<DType, Long> elements = new EnumMap<>(DType.class);
        tensors.forEach(
                t ->
                        elements.merge(
                                t.output().dtype(), t.output().shape().elements(), Long::sum));
        return elements.entrySet().stream()
                .max(Comparator.comparingLong(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse(DType.F32);
    }

    Layout otherLayout() {
        return switch (request.options().layout()) {
            case MERGEKIT -> Layout.SHARED;
            case SHARED -> Layout.MERGEKIT;
        };
    }

    private boolean weightsPresent() {
        return request.catalog().all().stream().allMatch(m -> m.folder().weightsPresent());
    }

    private Moved moved(Packing packed) {
        return ByteFlow.of(packed.shards(), request.volume(), files::onVolume);
    }

    private long bytesNeeded() {
        return packing.bytes() - moved(packing).shared();
    }

    /** A merge looks again, at what is then left to write. */
    void checkDisk(OutputFiles output, ProblemList problems) {
        long texts = 0;
        for (String text : output.texts().values()) {
            texts += text.getBytes(StandardCharsets.UTF_8).length;
        }
        long needed = bytesNeeded() + texts;
        long free = request.volume().freeBytes();
        if (needed > free && !request.firm()) {
            problems.warning(
                    "RES-001",
                    "the output needs %,d bytes, the %s file system of the output has %,d free"
                            .formatted(needed, request.volume().type(), free),
                    "make %,d bytes free, or write to another file system"
                            .formatted(needed - free));
        }
    }

    PlanReport report(List<Problem> problems, Packing other) {
        OutputModel model = outputModel();
        Moved moved = moved(packing);
        boolean present = weightsPresent();
        return new PlanReport(
                "merge",
                problems.stream().noneMatch(Problem::isError),
                problems,
                model.architecture(),
                model.method(),
                model.layers(),
                model.tensors(),
                model.parameters(),
                model.bytes(),
                model.dtype(),
                packing.shards().stream()
                        .map(s -> new PlanReport.Shard(s.file(), s.bytes(), s.tensors().size()))
                        .toList(),
                stack.sites(),
                donor.label(),
                tokenizerDonor.label(),
                present,
                name(request.options().layout()),
                moved.shared(),
                moved.copied(),
                moved.computed(),
                present ? otherLayout(other) : null,
                MemoryBound.bytesPerWorker(packing.shards()),
                new Disk(request.volume().type(), bytesNeeded(), request.volume().freeBytes()),
                growth(),
                Omissions.of(request.catalog(), files));
    }

    private OtherLayout otherLayout(Packing other) {
        Moved moved = moved(other);
        return new OtherLayout(
                name(otherLayout()),
                other.shards().size(),
                moved.shared(),
                moved.copied(),
                moved.computed());
    }

    private static String name(Layout layout) {
        return layout.name().toLowerCase(Locale.ROOT);
    }

    private Growth growth() {
        ModelConfig config = donor.config();
        long perLayer =
                2 * config.kvHeads().orElse(0) * config.headDim().orElse(0) * BYTES_PER_KV_NUMBER;
        return new Growth(
                donor.label(),
                donor.layers(),
                donor.folder().parameters(),
                perLayer * donor.layers(),
                perLayer * stack.layers());
    }
}
