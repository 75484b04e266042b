package io.accrete.cli;

import io.accrete.protocol.job.Quantity;
import io.accrete.worker.data.EvaluationRows;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.inference.Evaluation;
import io.accrete.worker.inference.LoadedModel;
import io.accrete.worker.inference.LogitsFile;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;

/** {@code accrete eval}: how well a model predicts given text. */
@Command(
        name = "eval",
        description = {
            "Measures loss (mean, in nats) and perplexity of a model on a file.",
            "Text is tokenised once and cut into windows, each scored after one BOS. Rows of JSON"
                    + " Lines, {\"input_ids\": [...], \"labels\": [...]}, are scored as they stand."
        })
final class EvalCommand implements Callable<Integer> {
    private static final int WINDOW_MOST = 2047;

    private final Surroundings surroundings;

    @Mixin private ModelOptions model = new ModelOptions();

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "text, or JSON Lines (.jsonl) with `text` or `input_ids`")
    private String data = "";

    @Option(
            names = "--window",
            paramLabel = "W",
            description =
                    "ids of a text that are scored together (default: what the model was trained"
                            + " for, at most 2047)")
    private @Nullable Integer window;

    @Option(
            names = "--logits",
            paramLabel = "FILE",
            description = "write the logits of all rows to a safetensors file")
    private @Nullable String logits;

    @Mixin private OutputOptions output = new OutputOptions();

    EvalCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Refusal {
        if (window != null && window < 1) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "DAT-020",
                    null,
                    "--window is %d, which must be at least 1".formatted(window),
                    "");
        }
        try (LoadedModel loaded = model.open(surroundings)) {
            int ids = window == null ? defaultWindow(loaded) : window;
            List<TokenRow> rows =
                    EvaluationRows.of(surroundings.resolve(data), loaded.vocabulary(), ids);
            refuseBeyondWindow(loaded, rows);
            warnOfLength(loaded, rows);
            Evaluation.Result result = score(loaded, rows);
            refuseNoNumber(result);
            print(result, ids);
        }
        return ExitCode.DONE.code();
    }

    private void refuseNoNumber(Evaluation.Result result) throws Refusal {
        if (!Double.isFinite(result.loss())) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    "DAT-024",
                    model.name(),
                    "the loss is no finite number: the model's weights are not, or grow beyond"
                            + " float32",
                    "`accrete verify --forward` names the layer where it begins");
        }
    }

    private Evaluation.Result score(LoadedModel loaded, List<TokenRow> rows) throws IOException {
        Evaluation evaluation = new Evaluation(loaded);
        long positions = rows.stream().mapToLong(TokenRow::length).sum();
        try (PositionBar bar = new PositionBar(surroundings, output, positions)) {
            LongConsumer done = bar::stepTo;
            if (logits == null) {
                return evaluation.score(rows, done);
            }
            Path file = surroundings.resolve(logits);
            try (LogitsFile sink =
                    new LogitsFile(
                            file,
                            rows.size(),
                            EvaluationRows.longest(rows),
                            loaded.config().vocabulary())) {
                Evaluation.Result result = evaluation.score(rows, sink, done);
                sink.publish();
                return result;
            }
        }
    }

    /** Attention looks back over all of a row: within the window that is the same. */
    private void refuseBeyondWindow(LoadedModel loaded, List<TokenRow> rows) throws Refusal {
        OptionalInt most = loaded.config().window();
        int longest = EvaluationRows.longest(rows);
        if (most.isPresent() && longest - 1 > most.getAsInt()) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    "DAT-023",
                    data,
                    "the longest row has %d positions, and attention of this model looks back over"
                                    .formatted(longest - 1)
                            + " a window of %d, which does not run yet".formatted(most.getAsInt()),
                    "score shorter rows: --window %d or less".formatted(most.getAsInt()));
        }
    }

    private void warnOfLength(LoadedModel loaded, List<TokenRow> rows) {
        int longest = EvaluationRows.longest(rows);
        int positions = loaded.config().positions();
        if (positions > 0 && longest > positions) {
            surroundings
                    .err()
                    .printf(
                            "warning: the longest row has %d positions; the model was trained for"
                                    + " %d%n",
                            longest, positions);
        }
    }

    private static int defaultWindow(LoadedModel loaded) {
        int positions = loaded.config().positions();
        return positions > 1 ? Math.min(WINDOW_MOST, positions - 1) : WINDOW_MOST;
    }

    private void print(Evaluation.Result result, int ids) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "model", model.name(),
                                    "tokens", result.tokens(),
                                    "loss", result.loss(),
                                    "perplexity", result.perplexity(),
                                    "window", ids));
            return;
        }
        surroundings
                .out()
                .printf(
                        Locale.ROOT,
                        "%s: loss %.6f, perplexity %.4f over %s%n",
                        model.name(),
                        result.loss(),
                        result.perplexity(),
                        Quantity.of(result.tokens(), "token"));
    }
}
