package io.accrete.worker.inference;

import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** The loss of a model on given rows. */
public final class Evaluation {
    /** Positions that go through the model together; bounds what is in memory. */
    private static final int BATCH_POSITIONS = 2048;

    private final LoadedModel model;

    public Evaluation(LoadedModel model) {
        this.model = model;
    }

    /**
     * @param tokens positions that were scored
     * @param nllSum of all of them, in nats
     */
    public record Result(long tokens, double nllSum) {
        /** Mean over all scored positions, in nats. */
        public double loss() {
            return nllSum / tokens;
        }

        public double perplexity() {
            return Math.exp(loss());
        }
    }

    /** Takes the logits of one row after the other, [positions, vocabulary] each. */
    public interface LogitsSink {
        void row(float[] logits) throws IOException;
    }

    /** Scores all rows; {@code done} is told the number of positions that went through so far. */
    public Result score(List<TokenRow> rows, LongConsumer done) {
        double sum = 0;
        long tokens = 0;
        long positions = 0;
        for (List<TokenRow> batch : batches(rows)) {
            try (TensorScope scope = model.scope().child()) {
                Tensor states = states(batch, scope);
                Tensor targets =
                        scope.longs(
                                flat(batch.stream().map(TokenRow::targets).toList()), shape(batch));
                for (float nll : model.stack().score(states, targets, scope).floats()) {
                    sum += nll;
                }
            }
            tokens += batch.stream().mapToLong(TokenRow::scored).sum();
            positions += (long) batch.size() * batch.getFirst().length();
            done.accept(positions);
        }
        return new Result(tokens, sum);
    }

    /** As {@link #score}, one row at a time, and shows the logits. */
    public Result score(List<TokenRow> rows, LogitsSink sink, LongConsumer done)
            throws IOException {
        for (TokenRow row : rows) {
            try (TensorScope scope = model.scope().child()) {
                Tensor states = states(List.of(row), scope);
                sink.row(model.stack().logits(states, scope).floats());
            }
        }
        return score(rows, done);
    }

    private Tensor states(List<TokenRow> batch, TensorScope scope) {
        Tensor ids = scope.longs(flat(batch.stream().map(TokenRow::ids).toList()), shape(batch));
        return model.stack().states(ids, (layer, x) -> {}, scope);
    }

    /** Neighbours of equal length, together. */
    private static List<List<TokenRow>> batches(List<TokenRow> rows) {
        List<List<TokenRow>> batches = new ArrayList<>();
        List<TokenRow> batch = new ArrayList<>();
        for (TokenRow row : rows) {
            boolean fits =
                    !batch.isEmpty()
                            && batch.getFirst().length() == row.length()
                            && (batch.size() + 1) * row.length() <= BATCH_POSITIONS;
            if (!fits && !batch.isEmpty()) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(row);
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static Shape shape(List<TokenRow> batch) {
        return Shape.of(batch.size(), batch.getFirst().length());
    }

    private static long[] flat(List<long[]> rows) {
        return rows.stream().flatMapToLong(Arrays::stream).toArray();
    }
}
