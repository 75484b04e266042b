package io.accrete.protocol.http;

import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.job.StageBudget;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * {@link MergeOptions} as a client gives them: what is left out keeps its default.
 *
 * @param workers of a training: how many stages there may be
 * @param memoryBytes of a training: what each of them may need
 * @param flops of a training: float32 operations of each in a second
 */
public record JobOptions(
        @Nullable Layout layout,
        @Nullable Long outShardSize,
        @Nullable Boolean strict,
        @Nullable Boolean allowCrimes,
        @Nullable Boolean truncateEmbeddings,
        @Nullable Boolean allowNonFinite,
        @Nullable Boolean scan,
        @Nullable Boolean copyTokenizer,
        @Nullable Boolean writeModelCard,
        @Nullable Boolean precise,
        @Nullable Boolean overwrite,
        @Nullable Boolean digests,
        @Nullable List<String> models,
        @Nullable Integer workers,
        @Nullable Long memoryBytes,
        @Nullable Double flops) {
    static final JobOptions NONE =
            new JobOptions(
                    null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null);

    /** All of them, to send them. */
    public static JobOptions of(MergeOptions options, StageBudget stages) {
        return new JobOptions(
                options.layout(),
                options.outShardSize(),
                options.strict(),
                options.allowCrimes(),
                options.truncateEmbeddings(),
                options.allowNonFinite(),
                options.scan(),
                options.copyTokenizer(),
                options.writeModelCard(),
                options.precise(),
                options.overwrite(),
                options.digests(),
                options.models(),
                stages.workers(),
                stages.memoryBytes(),
                stages.flops());
    }

    StageBudget stages() {
        return new StageBudget(or(workers, 0), or(memoryBytes, 0L), or(flops, 0.0));
    }

    MergeOptions over(MergeOptions defaults, List<String> roots) {
        return new MergeOptions(
                or(layout, defaults.layout()),
                or(outShardSize, defaults.outShardSize()),
                or(strict, defaults.strict()),
                or(allowCrimes, defaults.allowCrimes()),
                or(truncateEmbeddings, defaults.truncateEmbeddings()),
                or(allowNonFinite, defaults.allowNonFinite()),
                or(scan, defaults.scan()),
                or(copyTokenizer, defaults.copyTokenizer()),
                or(writeModelCard, defaults.writeModelCard()),
                or(precise, defaults.precise()),
                or(overwrite, defaults.overwrite()),
                or(digests, defaults.digests()),
                defaults.directory(),
                or(models, defaults.models()),
                roots);
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
