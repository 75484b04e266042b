package io.accrete.cli;

import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.store.ModelLocator;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Options that {@code plan} and {@code merge} share: all that decides a result or its checks. */
final class RecipeOptions {
    @Mixin private ModelSearch models = new ModelSearch();

    @Option(
            names = "--layout",
            paramLabel = "mergekit|shared",
            defaultValue = "mergekit",
            converter = LayoutName.class,
            description = {
                "mergekit: mergekit's shards (default)",
                "shared: shards that share blocks with the sources where the file system can"
            })
    private MergeOptions.Layout layout = MergeOptions.Layout.MERGEKIT;

    @Option(
            names = "--out-shard-size",
            paramLabel = "BYTES",
            defaultValue = "5B",
            converter = ByteCount.class,
            description =
                    "largest sum of tensor bytes in a shard, e.g. 500M, 5B (billion), 4GiB; 0: one"
                            + " shard (default 5B)")
    private long outShardSize = MergeOptions.OUT_SHARD_SIZE;

    /** A layout as the command line spells it. */
    static final class LayoutName implements ITypeConverter<MergeOptions.Layout> {
        @Override
        public MergeOptions.Layout convert(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "mergekit" -> MergeOptions.Layout.MERGEKIT;
                case "shared" -> MergeOptions.Layout.SHARED;
                default ->
                        throw new TypeConversionException(
                                "'%s' is no layout: mergekit or shared".formatted(name));
            };
        }
    }

    @Option(names = "--strict", description = "unknown keys and other slips are errors")
    private boolean strict;

    @Option(names = "--allow-crimes", description = "architectures may differ between the sources")
    private boolean allowCrimes;

    @Option(
            names = "--unsafe-truncate-embeddings",
            description = "cut embeddings of different vocabularies to the smallest")
    private boolean truncateEmbeddings;

    @Option(
            names = "--allow-nonfinite",
            description = "NaN and infinities in the result do not end the job")
    private boolean allowNonFinite;

    @Option(names = "--scan", description = "look for NaN and infinities in copied bytes too")
    private boolean scan;

    @Option(
            names = "--digests",
            description = {
                "write down digests of copied tensors too (reads them, as --scan does), so that",
                "`accrete verify` can prove the result when its sources have changed or are gone"
            })
    private boolean digests;

    @Option(
            names = "--precise",
            description = "methods that round at every step compute in float32 and round once")
    private boolean precise;

    @Option(names = "--overwrite", description = "replace the model that is at OUT")
    private boolean overwrite;

    @Option(
            names = "--copy-tokenizer",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "carry the tokenizer's files over (default)")
    private boolean copyTokenizer = true;

    @Option(
            names = "--write-model-card",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "write README.md and mergekit_config.yml (default)")
    private boolean writeModelCard = true;

    /** Where models are looked for. */
    ModelLocator locator(Surroundings surroundings) {
        return models.locator(surroundings);
    }

    MergeOptions in(Path directory) {
        return new MergeOptions(
                layout,
                outShardSize,
                strict,
                allowCrimes,
                truncateEmbeddings,
                allowNonFinite,
                scan,
                copyTokenizer,
                writeModelCard,
                precise,
                overwrite,
                digests,
                directory.toString(),
                models.folders(directory).stream().map(Path::toString).toList(),
                List.of());
    }
}
