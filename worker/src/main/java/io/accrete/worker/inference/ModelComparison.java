package io.accrete.worker.inference;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.Examination.Drift;
import io.accrete.protocol.train.Examination.SiteFigures;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.nn.LayerStack;
import io.accrete.worker.nn.LayerStack.KeyValueCache;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Compares a model that has grown with its base, on the thread that made this: states layer by
 * layer, the loss without each clone, how both go on, how fast.
 */
public final class ModelComparison {
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final ComparedModel base;
    private final ComparedModel grown;
    private final List<Site> sites;
    private final List<Integer> baseLayers;

    /**
     * @param sites lineage of the grown model's layers
     * @param baseLayers for each of them the layer of the base that it comes from; -1 for none
     * @param scope how long both live
     */
    public ModelComparison(
            ComparedModel base,
            ComparedModel grown,
            List<Site> sites,
            List<Integer> baseLayers,
            LlamaArithmetic arithmetic,
            TensorScope scope) {
        this.base = base;
        this.grown = grown;
        this.sites = List.copyOf(sites);
        this.baseLayers = List.copyOf(baseLayers);
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    /** Losses, and how far the states are from those of the base. */
    public record Findings(
            long tokens, double baseLoss, double loss, List<SiteFigures> sites, Drift finalNorm) {}

    /** How a model goes on, and the median time of a token. */
    public record Continuation(List<long[]> ids, Examination.Pace pace) {}

    /**
     * @param rows with something to score
     * @param everyClone whether the loss without each clone is measured too
     * @throws InterruptedException if nobody wants to know any more
     */
    public Findings examine(List<TokenRow> rows, boolean everyClone) throws InterruptedException {
        LayerStack before = base.stack(arithmetic, scope);
        LayerStack now = grown.stack(arithmetic, scope);
        Map<Integer, DriftSum> against = new TreeMap<>();
        Map<Integer, DriftSum> change = new TreeMap<>();
        DriftSum last = new DriftSum();
        double baseLoss = 0;
        double loss = 0;
        for (TokenRow row : rows) {
            alive();
            try (TensorScope own = scope.child()) {
                Tensor ids = own.longs(row.ids(), Shape.of(1, row.length()));
                Tensor targets = own.longs(row.targets(), Shape.of(1, row.length()));
                Map<Integer, float[]> expected = new HashMap<>();
                Tensor end = before.states(ids, (l, x) -> expected.put(l, x.floats()), own);
                float[][] previous = new float[1][];
                Tensor endNow =
                        now.states(
                                ids,
                                (site, x) -> {
                                    float[] states = x.floats();
                                    if (site >= 0) {
                                        add(change, site, states, previous[0]);
                                        add(against, site, states, expected.get(baseLayer(site)));
                                    }
                                    previous[0] = states;
                                },
                                own);
                last.add(
                        now.normed(endNow, own).floats(),
                        before.normed(end, own).floats(),
                        grown.config().hidden());
                baseLoss += sum(before.score(end, targets, own));
                loss += sum(now.score(endNow, targets, own));
            }
        }
        long tokens = rows.stream().mapToLong(TokenRow::scored).sum();
        List<SiteFigures> figures = new ArrayList<>();
        for (Site site : sites) {
            boolean without = everyClone && site.occurrence() > 0;
            DriftSum drift = against.get(site.site());
            figures.add(
                    new SiteFigures(
                            site.site(),
                            site.layer(),
                            site.occurrence(),
                            drift == null ? null : drift.drift(),
                            Optional.ofNullable(change.get(site.site())).orElseThrow().drift(),
                            without
                                    ? loss(grown.without(site.site(), arithmetic, scope), rows)
                                            / tokens
                                    : null,
                            null,
                            null));
        }
        return new Findings(tokens, baseLoss / tokens, loss / tokens, figures, last.drift());
    }

    private int baseLayer(int site) {
        return baseLayers.get(site);
    }

    private void add(
            Map<Integer, DriftSum> sums, int site, float[] now, float @Nullable [] before) {
        if (before != null) {
            sums.computeIfAbsent(site, s -> new DriftSum())
                    .add(now, before, grown.config().hidden());
        }
    }

    /** Sum over all rows, in nats, of the base. */
    public double baseLoss(List<TokenRow> rows) throws InterruptedException {
        return loss(base, rows);
    }

    private double loss(ComparedModel model, List<TokenRow> rows) throws InterruptedException {
        LayerStack stack = model.stack(arithmetic, scope);
        double loss = 0;
        for (TokenRow row : rows) {
            alive();
            try (TensorScope own = scope.child()) {
                Tensor ids = own.longs(row.ids(), Shape.of(1, row.length()));
                Tensor targets = own.longs(row.targets(), Shape.of(1, row.length()));
                Tensor states = stack.states(ids, (l, x) -> {}, own);
                loss += sum(stack.score(states, targets, own));
            }
        }
        return loss;
    }

    /** The likeliest continuation of each prompt, by base or result. */
    public Continuation continued(List<long[]> prompts, int most, boolean ofBase)
            throws InterruptedException {
        LayerStack stack = (ofBase ? base : grown).stack(arithmetic, scope);
        SplittableRandom unused = new SplittableRandom(0);
        List<long[]> all = new ArrayList<>();
        List<Long> nanos = new ArrayList<>();
        for (long[] prompt : prompts) {
            long[] added = new long[most];
            try (KeyValueCache cache = stack.cache(scope)) {
                long[] unseen = prompt;
                for (int i = 0; i < most; i++) {
                    alive();
                    long begin = System.nanoTime();
                    try (TensorScope own = scope.child()) {
                        float[] logits =
                                stack.next(unseen, prompt.length + most, cache, own).floats();
                        added[i] = Sampling.GREEDY.next(logits, unused);
                    }
                    if (i > 0) {
                        nanos.add(System.nanoTime() - begin);
                    }
                    unseen = new long[] {added[i]};
                }
            }
            all.add(added);
        }
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2] / 1e6;
        return new Continuation(all, new Examination.Pace(median));
    }

    private static double sum(Tensor nll) {
        double sum = 0;
        for (float each : nll.floats()) {
            sum += each;
        }
        return sum;
    }

    private static void alive() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
