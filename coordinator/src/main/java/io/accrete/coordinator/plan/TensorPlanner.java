package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.CatalogModel.Wanted;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** Says of every output tensor what it is made of. */
final class TensorPlanner {
    private final MethodRule rule;
    private final HeadRule heads;
    private final Casts casts;
    private final PartGatherer gatherer;
    private final StackShapes shapes;
    private final List<PlannedTensor> planned = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    TensorPlanner(MethodRule rule, HeadRule heads, Casts casts, PartGatherer gatherer) {
        this.rule = rule;
        this.heads = heads;
        this.casts = casts;
        this.gatherer = gatherer;
        this.shapes = new StackShapes(rule.faults());
    }

    /** In the order of the layers, what comes before them first. */
    List<PlannedTensor> plan(Stack stack) {
        String embedding = heads.embeddingName();
        if (!embedding.isEmpty()) {
            add(stack.first(), embedding, 0, true, input -> input.model().embedding(embedding));
        }
        outer(OuterRole.BEFORE, stack.slices());
        for (OutputSlice slice : stack.slices()) {
            for (int layer = 0; layer < slice.length(); layer++) {
                layer(slice, layer);
            }
        }
        outer(OuterRole.AFTER, stack.slices().reversed());
        if (heads.separate()) {
            String head = heads.headName();
            add(stack.last(), head, 0, true, input -> input.model().head(head));
        }
        return List.copyOf(planned);
    }

    /** Tensors outside the layers, each from the first of these slices that has it. */
    private void outer(OuterRole role, List<OutputSlice> slices) {
        for (OutputSlice slice : slices) {
            SortedSet<String> wanted = new TreeSet<>();
            slice.inputs().forEach(input -> wanted.addAll(input.model().outer(role)));
            wanted.removeAll(names);
            wanted.forEach(name -> add(slice, name, 0, false, input -> input.model().tensor(name)));
        }
    }

    private void layer(OutputSlice slice, int layer) {
        SortedSet<String> suffixes = new TreeSet<>();
        for (SliceInput input : slice.inputs()) {
            suffixes.addAll(input.model().suffixes(input.firstLayer() + layer));
        }
        CatalogModel namer = slice.inputs().getFirst().model();
        for (String suffix : suffixes) {
            add(
                            slice,
                            namer.layerName(slice.firstSite() + layer, suffix),
                            slice.position(layer),
                            false,
                            input -> inLayer(input, layer, suffix))
                    .ifPresent(spec -> shapes.note(slice, suffix, spec));
        }
    }

    private static Wanted inLayer(SliceInput input, int layer, String suffix) {
        CatalogModel model = input.model();
        return model.tensor(model.layerName(input.firstLayer() + layer, suffix));
    }

    private Optional<TensorSpec> add(
            OutputSlice slice,
            String output,
            double t,
            boolean perToken,
            Function<SliceInput, Wanted> wanted) {
        names.add(output);
        List<Part> parts = gatherer.gather(slice, output, perToken, wanted);
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        List<DType> types = parts.stream().map(part -> part.source().dtype()).toList();
        SourceTensor first = parts.getFirst().source();
        boolean computable = first.dtype().isFloating();
        DType result = computable ? casts.result(types) : first.dtype();
        DType saved = computable ? casts.saved(types) : first.dtype();
        TensorSpec spec = new TensorSpec(output, saved, first.shape());
        TensorOp op =
                computable ? rule.apply(slice, parts, t, result, spec) : new TensorOp.Copy(first);
        planned.add(new PlannedTensor(spec, op, order(parts)));
        return Optional.of(spec);
    }

    private static String order(List<Part> parts) {
        String greatest = parts.getFirst().source().name();
        for (Part part : parts) {
            String name = part.source().name();
            greatest = name.compareTo(greatest) > 0 ? name : greatest;
        }
        return greatest;
    }
}
