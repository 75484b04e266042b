package io.accrete.coordinator.train;

import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainJob;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What each site of a model costs, from its shapes. Computing is in float32: a matrix of n elements
 * takes 2 n operations a token forward, and as many for each of the two gradients. Gradients of
 * inputs are only needed above the lowest site that learns.
 */
final class CostModel {
    private static final int FLOAT_BYTES = 4;

    /**
     * Scores of a row over the vocabulary: themselves, and their softmax that becomes a gradient.
     */
    private static final int SCORES = 2;

    /** With those of a teacher, and what the divergence is made of. */
    private static final int TAUGHT_SCORES = 6;

    /** Scores that are computed at once, whatever the vocabulary. */
    private static final long SCORES_AT_ONCE = 1L << 25;

    private final TrainedModel model;
    private final Sizes sizes;
    private final long tokens;
    private final int sequence;
    private final boolean accumulates;
    private final boolean taught;
    private final Set<String> trained = new HashSet<>();
    private final Set<String> copied = new HashSet<>();
    private final List<Tie> ties = new ArrayList<>();

    private CostModel(
            TrainJob job, TrainedModel model, List<ParameterSettings> parameters, Sizes sizes) {
        this.model = model;
        this.sizes = sizes;
        sequence = job.data().sequenceLength();
        tokens = (long) job.batch().microBatch() * sequence;
        accumulates = job.batch().accumulate() > 1;
        taught = job.distill().isPresent();
        for (ParameterSettings parameter : parameters) {
            if (parameter.trained()) {
                trained.add(parameter.name());
                copied.addAll(parameter.sites().subList(1, parameter.sites().size()));
            }
            if (parameter.trained() && parameter.sites().size() > 1) {
                ties.add(tie(parameter));
            }
        }
    }

    /** Empty where the configuration lacks sizes of a Llama. */
    static Optional<ModelCost> of(
            TrainJob job, TrainedModel model, List<ParameterSettings> parameters) {
        return Sizes.of(model.config())
                .map(sizes -> new CostModel(job, model, parameters, sizes).cost());
    }

    private Tie tie(ParameterSettings parameter) {
        List<Integer> sites = new ArrayList<>();
        for (String tensor : parameter.sites()) {
            if (model.architecture().place(tensor) instanceof TensorPlace.InLayer in) {
                sites.add(in.layer());
            }
        }
        TensorSpec one = Objects.requireNonNull(model.tensors().get(parameter.name()));
        return new Tie(sites, one.shape().elements());
    }

    private ModelCost cost() {
        int layers = model.layers();
        Architecture architecture = model.architecture();
        Part before = new Part();
        Part after = new Part();
        List<Part> sites = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            sites.add(new Part());
        }
        for (Map.Entry<String, TensorSpec> tensor : model.tensors().entrySet()) {
            Part part =
                    switch (architecture.place(tensor.getKey())) {
                        case TensorPlace.Before _ -> before;
                        case TensorPlace.InLayer in -> sites.get(in.layer());
                        case TensorPlace.After _ -> after;
                    };
            part.add(tensor.getValue(), architecture.role(tensor.getKey()));
        }
        boolean learnsBelow = before.learns();
        List<SiteCost> costs = new ArrayList<>();
        for (Part site : sites) {
            learnsBelow |= site.learns();
            costs.add(layer(site, learnsBelow));
        }
        if (layers > 0) {
            costs.set(0, before.cost(0, 0, 0, 0, before.freshBytes()).plus(costs.getFirst()));
            costs.set(layers - 1, costs.getLast().plus(head(before, after, learnsBelow)));
            if (after.matrices == 0 && before.embeddingLearns) {
                ties.add(new Tie(List.of(0, layers - 1), before.embedding));
            }
        }
        return new ModelCost(costs, ties);
    }

    private SiteCost layer(Part site, boolean learnsBelow) {
        double attention = 2.0 * tokens * sequence * sizes.queries();
        double forward = 2.0 * tokens * site.matrices + attention;
        long row = FLOAT_BYTES * tokens;
        if (!learnsBelow) {
            long passing = row * (2 * sizes.hidden() + 3 * sizes.inner()) + site.largestCast;
            return site.cost(forward, 0, 0, 0, passing);
        }
        return site.cost(
                forward,
                forward + attention + 2.0 * tokens * site.trainedMatrices,
                row * (sizes.kept(site.trainedMatrices > 0) + site.gates * sizes.hidden()),
                row * sizes.hidden(),
                row * sizes.backward() + site.largestCast + site.freshBytes());
    }

    /** The head; of a tied model a second use of the embedding. */
    private SiteCost head(Part before, Part after, boolean learnsBelow) {
        boolean tied = after.matrices == 0;
        long matrix = tied ? before.embedding : after.matrices;
        boolean matrixLearns = tied ? before.embeddingLearns : after.trainedMatrices > 0;
        double product = 2.0 * tokens * matrix;
        boolean learns = learnsBelow || after.learns();
        SiteCost own =
                after.cost(
                        product,
                        (learns ? product : 0) + (matrixLearns ? product : 0),
                        0,
                        learns ? FLOAT_BYTES * tokens * sizes.hidden() : 0,
                        0);
        long rows = Math.min(tokens, SCORES_AT_ONCE / sizes.vocabulary() + 1);
        long scores = rows * sizes.vocabulary() * (taught ? TAUGHT_SCORES : SCORES);
        long states = 5 * tokens * sizes.hidden();
        long cast = after.castBytes + (tied && !matrixLearns ? FLOAT_BYTES * matrix : 0);
        long fresh = accumulates && matrixLearns ? FLOAT_BYTES * matrix : 0;
        return new SiteCost(
                own.frozenBytes() + (tied && !matrixLearns ? before.embeddingBytes : 0),
                own.trained(),
                own.copied() + (tied && matrixLearns ? matrix : 0),
                own.forwardFlops(),
                own.backwardFlops(),
                own.keptBytes(),
                own.inputBytes(),
                0,
                // where nothing learns it is a teacher's, whose scores are counted with the model's
                cast + (learns ? FLOAT_BYTES * (scores + states) + fresh : 0),
                own.largestTrained());
    }

    /** The tensors of a site, or of what stands before or after all sites. */
    private final class Part {
        private long frozenBytes;
        private long castBytes;
        private long largestCast;
        private long trainedElements;
        private long copiedElements;
        private long matrices;
        private long trainedMatrices;
        private long embedding;
        private long embeddingBytes;
        private boolean embeddingLearns;
        private long largestTrained;
        private int gates;

        void add(TensorSpec spec, Role role) {
            long elements = spec.shape().elements();
            boolean own = trained.contains(spec.name());
            boolean learns = own || copied.contains(spec.name());
            if (own) {
                trainedElements += elements;
            } else if (learns) {
                copiedElements += elements;
            } else {
                frozenBytes += spec.bytes();
                long cast = spec.dtype() == DType.F32 ? 0 : FLOAT_BYTES * elements;
                castBytes += cast;
                largestCast = Math.max(largestCast, cast);
            }
            largestTrained = Math.max(largestTrained, own ? elements : 0);
            gates += AddedParameters.isGate(spec.name()) ? 1 : 0;
            if (role == Role.EMBEDDING) {
                // rows are looked up, not multiplied; nor is the whole of it cast
                castBytes -= learns || spec.dtype() == DType.F32 ? 0 : FLOAT_BYTES * elements;
                embedding += elements;
                embeddingBytes += spec.bytes();
                embeddingLearns |= learns;
            } else if (spec.shape().extents().size() >= 2) {
                matrices += elements;
                trainedMatrices += learns ? elements : 0;
            }
        }

        boolean learns() {
            return trainedElements + copiedElements > 0;
        }

        /** Gradients of a micro-batch, where they are added to those of others. */
        long freshBytes() {
            return accumulates ? FLOAT_BYTES * (trainedElements + copiedElements) : 0;
        }

        SiteCost cost(double forward, double backward, long kept, long input, long passing) {
            return new SiteCost(
                    frozenBytes,
                    trainedElements,
                    copiedElements,
                    forward,
                    backward,
                    kept,
                    input,
                    passing,
                    0,
                    largestTrained);
        }
    }

    /**
     * The sizes that costs depend on.
     *
     * @param headDim width of a head
     * @param inner width of the MLP
     */
    private record Sizes(
            long hidden, long heads, long kvHeads, long headDim, long inner, long vocabulary) {
        /** Heads narrower than this are padded while a processor computes attention. */
        private static final long LEAST_HEAD = 16;

        /** Width of all query heads. */
        long queries() {
            return heads * headDim;
        }

        /**
         * Numbers a token that the backward pass of a layer needs: its result, the stream between
         * its branches, and what the two norms make; queries, keys, values and what they see; what
         * the MLP makes of a token; the sums of the softmax, and the factors of the norms.
         *
         * @param matrices whether any learns; else what goes into them is not needed
         */
        long kept(boolean matrices) {
            long streams = (matrices ? 4 : 2) * hidden + 2 * (heads + kvHeads) * headDim;
            return streams + (matrices ? 4 : 3) * inner + heads + 2;
        }

        /**
         * The most that it takes beside that: gradients within the MLP, or in attention those of
         * queries, keys, values and results, with keys and values for each query head, and all of
         * these padded.
         */
        long backward() {
            long wide = headDim < LEAST_HEAD ? 8 * heads * LEAST_HEAD : 0;
            return hidden + Math.max(3 * inner, 6 * queries() + wide);
        }

        static Optional<Sizes> of(ModelConfig config) {
            List<OptionalLong> needed =
                    List.of(
                            config.hidden(),
                            config.heads(),
                            config.kvHeads(),
                            config.headDim(),
                            config.ffn(),
                            config.vocab());
            if (needed.stream().anyMatch(OptionalLong::isEmpty)) {
                return Optional.empty();
            }
            return Optional.of(
                    new Sizes(
                            config.hidden().getAsLong(),
                            config.heads().getAsLong(),
                            config.kvHeads().getAsLong(),
                            config.headDim().getAsLong(),
                            config.ffn().getAsLong(),
                            config.vocab().getAsLong()));
        }
    }
}
