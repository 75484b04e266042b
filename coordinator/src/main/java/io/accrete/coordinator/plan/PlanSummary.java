package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.PlanReport.Disk;
import io.accrete.coordinator.plan.PlanReport.Growth;
import io.accrete.coordinator.plan.PlanReport.OtherLayout;
import io.accrete.coordinator.plan.ShardPacker.Packing;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;
import io.accrete.protocol.merge.MergePlan.OutputModel;
import io.accrete.protocol.merge.ShardReceipt.Moved;
import io.accrete.protocol.model.ModelConfig;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The figures of a plan. */
record PlanSummary(
        PlanRequest request,
        Stack stack,
        CatalogModel donor,
        CatalogModel tokenizerDonor,
        List<PlannedTensor> tensors,
        Packing packing,
        SourceFiles files,
        Moved moved) {
    private static final int BYTES_PER_KV_NUMBER = 2;

    static PlanSummary of(
            PlanRequest request,
            Stack stack,
            CatalogModel donor,
            CatalogModel tokenizerDonor,
            List<PlannedTensor> tensors,
            Packing packing,
            SourceFiles files) {
        Moved moved = ByteFlow.of(packing.shards(), request.volume(), files::onVolume);
        return new PlanSummary(
                request, stack, donor, tokenizerDonor, tensors, packing, files, moved);
    }

    long parameters() {
        return OutputTypes.of(tensors).all();
    }

    OutputModel outputModel() {
        return new OutputModel(
                donor.architectureName(),
                request.recipe().method().value(),
                OutputTypes.of(tensors).main().name(),
                stack.layers(),
                tensors.size(),
                parameters(),
                packing.bytes());
    }

    private boolean givesTokenizer() {
        return request.options().copyTokenizer() && tokenizerDonor.tokenizer().sha256().isPresent();
    }

    private boolean weightsPresent() {
        return request.catalog().all().stream().allMatch(m -> m.folder().weightsPresent());
    }

    private long bytesNeeded() {
        return packing.bytes() - moved.shared();
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
            problems.add(
                    Severity.WARNING,
                    "RES-001",
                    request.output(),
                    "the output needs %,d bytes, the %s file system of the output has %,d free"
                            .formatted(needed, request.volume().type(), free),
                    "make %,d bytes free, or write to another file system"
                            .formatted(needed - free));
        }
    }

    PlanReport report(List<Problem> problems) {
        OutputModel model = outputModel();
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
                tensors.stream().mapToLong(PlannedTensor::bytes).sum(),
                model.dtype(),
                packing.shards().stream()
                        .map(s -> new PlanReport.Shard(s.file(), s.bytes(), s.tensors().size()))
                        .toList(),
                stack.sites(),
                donor.label(),
                givesTokenizer() ? tokenizerDonor.label() : "",
                present,
                name(request.options().layout()),
                moved.shared(),
                moved.copied(),
                moved.computed(),
                present ? otherLayout() : null,
                MemoryBound.bytesPerWorker(packing.shards()),
                new Disk(request.volume().type(), bytesNeeded(), request.volume().freeBytes()),
                growth(),
                Omissions.of(request.catalog(), files));
    }

    private OtherLayout otherLayout() {
        Layout other =
                switch (request.options().layout()) {
                    case MERGEKIT -> Layout.SHARED;
                    case SHARED -> Layout.MERGEKIT;
                };
        long limit = request.options().outShardSize();
        int block = request.volume().blockBytes();
        if (!request.volume().sharesBlocks()) {
            int shards = ShardPacker.draft(tensors, other, limit, block).size();
            return otherLayout(other, shards, moved);
        }
        Packing packed = ShardPacker.pack(tensors, other, limit, block);
        return otherLayout(
                other,
                packed.shards().size(),
                ByteFlow.of(packed.shards(), request.volume(), files::onVolume));
    }

    private static OtherLayout otherLayout(Layout layout, int shards, Moved moved) {
        return new OtherLayout(
                name(layout), shards, moved.shared(), moved.copied(), moved.computed());
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
