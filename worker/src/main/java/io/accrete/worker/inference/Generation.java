package io.accrete.worker.inference;

import io.accrete.worker.nn.LayerStack.KeyValueCache;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The continuation of a text, one id at a time, keys and values of earlier positions cached. */
public final class Generation {
    private final LoadedModel model;
    private final Sampling sampling;
    private final SplittableRandom random;

    public Generation(LoadedModel model, Sampling sampling, long seed) {
        this.model = model;
        this.sampling = sampling;
        this.random = new SplittableRandom(seed);
    }

    /**
     * @param prompt at least one id
     * @param most ids to add
     * @param stops ids that end it; the one that did is the last of the result
     * @param each is told every new id
     */
    public long[] continued(long[] prompt, int most, Set<Long> stops, LongConsumer each) {
        List<Long> added = new ArrayList<>();
        try (KeyValueCache cache = model.stack().cache(model.scope())) {
            long[] unseen = prompt;
            while (added.size() < most) {
                long next;
                try (TensorScope scope = model.scope().child()) {
                    float[] logits =
                            model.stack().next(unseen, prompt.length + most, cache, scope).floats();
                    next = sampling.next(logits, random);
                }
                added.add(next);
                each.accept(next);
                if (stops.contains(next)) {
                    break;
                }
                unseen = new long[] {next};
            }
        }
        return added.stream().mapToLong(Long::longValue).toArray();
    }
}
