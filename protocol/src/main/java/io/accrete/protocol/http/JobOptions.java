package io.accrete.protocol.http;

import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeOptions.Layout;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** {@link MergeOptions} as a client gives them: what is left out keeps its default. */
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
        @Nullable List<String> models) {
    static final JobOptions NONE =
            new JobOptions(
                    null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** All of {@code options}, to send them. */
    public static JobOptions of(MergeOptions options) {
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
                options.models());
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
