package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.CatalogModel.Wanted;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Brings together what the inputs of a slice give to one tensor, and proves that it fits. */
final class PartGatherer {
    private final VocabularyRule vocabulary;
    private final SourceFiles files;
    private final TensorFaults faults;

    PartGatherer(VocabularyRule vocabulary, SourceFiles files, TensorFaults faults) {
        this.vocabulary = vocabulary;
        this.files = files;
        this.faults = faults;
    }

    /**
     * @param perToken whether there is a row for each token
     * @param wanted what is wanted of an input
     * @return of one shape, and of floating types unless there is only one; empty if they do not
     *     fit, which is noted
     */
    List<Part> gather(
            OutputSlice slice,
            String output,
            boolean perToken,
            Function<SliceInput, Wanted> wanted) {
        List<Part> parts = new ArrayList<>();
        for (SliceInput input : slice.inputs()) {
            Wanted tensor = wanted.apply(input);
            tensor.location()
                    .map(found -> files.tensor(input.model(), found))
                    .ifPresentOrElse(
                            source -> parts.add(new Part(input, tensor.name(), source)),
                            () -> noteMissing(input, tensor.name()));
        }
        if (parts.isEmpty()) {
            return parts;
        }
        List<Part> fitting = perToken ? cut(parts, output) : parts;
        if (!sameShape(slice, fitting, output, perToken)) {
            return List.of();
        }
        return floating(slice, fitting, output);
    }

    private void noteMissing(SliceInput input, String name) {
        CatalogModel model = input.model();
        if (!model.expects(name)) {
            faults.warning(
                    "PLN-024",
                    input.at(),
                    "model '%s' lacks what another input of the slice has, and is left out for"
                            .formatted(model.label()),
                    "merge models of one architecture, or accept that only the others count",
                    name);
        } else if (!model.folder().hasErrors()) {
            faults.error(
                    "PLN-023",
                    input.at(),
                    "model '%s' lacks".formatted(model.label()),
                    "get the complete model, or leave these layers out",
                    name);
        }
    }

    private List<Part> cut(List<Part> parts, String output) {
        long smallest = Long.MAX_VALUE;
        for (Part part : parts) {
            smallest = Math.min(smallest, part.source().shape().extents().getFirst());
        }
        long rows = vocabulary.rows().orElse(vocabulary.cut() ? smallest : Long.MAX_VALUE);
        return parts.stream().map(part -> cut(part, rows, output)).toList();
    }

    private Part cut(Part part, long rows, String output) {
        SourceTensor source = part.source();
        List<Long> extents = new ArrayList<>(source.shape().extents());
        long all = extents.getFirst();
        if (rows >= all) {
            if (rows != Long.MAX_VALUE && rows > all) {
                faults.error(
                        "PLN-045",
                        part.input().at(),
                        "the vocabulary has %d tokens, model '%s' has rows for %d in"
                                .formatted(rows, part.input().model().label(), all),
                        "choose the tokenizer of a model whose tokens all inputs have",
                        output);
            }
            return part;
        }
        extents.set(0, rows);
        SourceTensor prefix =
                new SourceTensor(
                        source.file(),
                        source.name(),
                        source.dtype(),
                        new Shape(extents),
                        source.offset(),
                        source.bytes() / all * rows);
        return new Part(part.input(), part.name(), prefix);
    }

    private boolean sameShape(
            OutputSlice slice, List<Part> parts, String output, boolean perToken) {
        Part first = parts.getFirst();
        boolean same = true;
        for (Part part : parts.subList(1, parts.size())) {
            if (!part.source().shape().equals(first.source().shape())) {
                same = false;
                noteShapes(slice, first, part, output, perToken);
            }
        }
        return same;
    }

    private void noteShapes(OutputSlice slice, Part a, Part b, String output, boolean perToken) {
        String shapes =
                "%s in '%s' against %s in '%s'"
                        .formatted(
                                a.source().shape(),
                                a.input().model().label(),
                                b.source().shape(),
                                b.input().model().label());
        if (perToken && sameRows(a, b)) {
            faults.error(
                    "PLN-021",
                    b.input().at(),
                    "the vocabularies differ, %s".formatted(shapes),
                    "add `tokenizer_source: base` if the tokens agree, or"
                            + " --unsafe-truncate-embeddings to cut to the smaller",
                    output);
        } else {
            faults.error(
                    "PLN-020",
                    slice.at(),
                    "arithmetic needs equal shapes, found %s"
                            .formatted(differingSizes(a, b, shapes)),
                    "merge models of one size; only whole layers of equal size can be stacked",
                    output);
        }
    }

    /** Whether only the number of rows differs. */
    private static boolean sameRows(Part a, Part b) {
        List<Long> ours = a.source().shape().extents();
        List<Long> theirs = b.source().shape().extents();
        return ours.size() == theirs.size()
                && !ours.isEmpty()
                && ours.subList(1, ours.size()).equals(theirs.subList(1, theirs.size()));
    }

    /** One sentence for all tensors of two models where their configurations tell why. */
    private static String differingSizes(Part a, Part b, String shapes) {
        return a.input().model().sizesUnlike(b.input().model()).orElse(shapes);
    }

    private List<Part> floating(OutputSlice slice, List<Part> parts, String output) {
        if (parts.size() == 1 || parts.stream().allMatch(p -> p.source().dtype().isFloating())) {
            return parts;
        }
        Part base =
                parts.stream()
                        .filter(p -> slice.base().map(p.input()::equals).orElse(false))
                        .findFirst()
                        .orElse(parts.getFirst());
        boolean sameType = parts.stream().map(p -> p.source().dtype()).distinct().count() == 1;
        if (sameType) {
            faults.warning(
                    "PLN-026",
                    slice.at(),
                    "%s is not computed with, so '%s' alone gives"
                            .formatted(base.source().dtype(), base.input().model().label()),
                    "make sure that the inputs agree in it",
                    output);
            return List.of(base);
        }
        for (Part part : parts) {
            if (!part.source().dtype().isFloating()) {
                faults.error(
                        "PLN-025",
                        part.input().at(),
                        "model '%s' has %s, which cannot be merged with the %s of other inputs, in"
                                .formatted(
                                        part.input().model().label(),
                                        part.source().dtype(),
                                        otherType(parts)),
                        "take the unquantised model",
                        part.name());
            }
        }
        return List.of();
    }

    private static Object otherType(List<Part> parts) {
        return parts.stream()
                .map(part -> part.source().dtype())
                .filter(type -> type.isFloating())
                .findFirst()
                .orElse(parts.getLast().source().dtype());
    }
}
