package io.accrete.cli;

import io.accrete.worker.data.ModelTokenizer;
import io.accrete.worker.inference.Generation;
import io.accrete.worker.inference.LoadedModel;
import io.accrete.worker.inference.Sampling;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;

/** {@code accrete generate}: what a model makes of the beginning of a text. */
@Command(
        name = "generate",
        description =
                "Continues a text. Greedy unless --temperature is given; repeatable by --seed.")
final class GenerateCommand implements Callable<Integer> {
    private static final int TOKENS_DEFAULT = 100;
    private static final int TOKENS_MAX = 1 << 20;

    private final Surroundings surroundings;

    @Mixin private ModelOptions model = new ModelOptions();

    @Parameters(paramLabel = "PROMPT", description = "the beginning; may be empty")
    private String prompt = "";

    @Option(
            names = {"-n", "--tokens", "--max-new-tokens", "--new-tokens"},
            paramLabel = "N",
            description = "most tokens to add (default 100)")
    private int tokens = TOKENS_DEFAULT;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "above 0: choose at random, the more evenly the higher (default 0)")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "choose among the likeliest that together have this probability"
                            + " (default 1)")
    private double topP = 1;

    @Option(names = "--seed", paramLabel = "N", description = "of the random choices (default 7)")
    private long seed = 7;

    @Option(names = "--ignore-eos", description = "go on after an end-of-text token")
    private boolean ignoreEos;

    @Mixin private OutputOptions output = new OutputOptions();

    GenerateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Refusal {
        require(
                tokens >= 1 && tokens <= TOKENS_MAX,
                "--tokens is %s, which must be from 1 to %s".formatted(tokens, TOKENS_MAX));
        require(
                temperature >= 0 && Double.isFinite(temperature),
                "--temperature is %s, which must be 0 or more".formatted(temperature));
        require(
                topP > 0 && topP <= 1,
                "--top-p is %s, which must be above 0 and at most 1".formatted(topP));
        try (LoadedModel loaded = model.open(surroundings)) {
            ModelTokenizer tokenizer = loaded.vocabulary().tokenizer();
            long[] ids =
                    LongStream.concat(
                                    LongStream.of(loaded.vocabulary().bos()),
                                    Arrays.stream(loaded.vocabulary().encode(prompt)))
                            .toArray();
            PrintedText text = new PrintedText(tokenizer, Arrays.copyOfRange(ids, 1, ids.length));
            if (!output.json()) {
                surroundings.out().print(text.begun());
            }
            long[] added =
                    new Generation(loaded, new Sampling(temperature, topP), seed)
                            .continued(
                                    ids,
                                    tokens,
                                    ignoreEos ? Set.of() : loaded.stops(),
                                    id -> {
                                        String more = text.with(id);
                                        if (!output.json()) {
                                            surroundings.out().print(more);
                                            surroundings.out().flush();
                                        }
                                    });
            if (output.json()) {
                new JsonLines(surroundings.out())
                        .write(
                                JsonLines.object(
                                        "model", model.name(),
                                        "prompt", prompt,
                                        "prompt_ids", ids,
                                        "new_ids", added,
                                        "text", text.whole()));
            } else {
                surroundings.out().println(text.rest());
            }
        }
        return ExitCode.DONE.code();
    }

    private static void require(boolean holds, String sentence) throws Refusal {
        if (!holds) {
            throw Refusal.of(ExitCode.USAGE, "DAT-021", null, sentence, "");
        }
    }
}
