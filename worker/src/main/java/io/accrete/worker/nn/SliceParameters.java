package io.accrete.worker.nn;

import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.Tensor;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The parameters that a slice of layers uses.
 *
 * @param embedding of the first slice
 * @param sites its layers, in order
 * @param head of the last slice
 * @param learnsBelow whether anything before the slice learns
 */
public record SliceParameters(
        Optional<Parameter> embedding, List<Site> sites, Optional<Head> head, boolean learnsBelow) {

    public SliceParameters {
        sites = List.copyOf(sites);
    }

    /** Whether a gradient has to pass below the head. */
    boolean learnsUnderHead() {
        return sites.isEmpty()
                ? learnsBelow || embedding.filter(Parameter::learns).isPresent()
                : sites.getLast().takesPart();
    }

    /**
     * A layer.
     *
     * @param site its number in the model
     * @param form what the arithmetic has to know of it
     * @param parameters in the order of the arithmetic; one that is tied has another layer's name
     * @param learnsBelow whether anything before it learns
     */
    public record Site(int site, LayerForm form, List<Parameter> parameters, boolean learnsBelow) {
        public Site {
            parameters = List.copyOf(parameters);
        }

        List<Tensor> values() {
            return parameters.stream().map(Parameter::value).toList();
        }

        /** Places of those that learn. */
        List<Integer> learning() {
            return IntStream.range(0, parameters.size())
                    .filter(i -> parameters.get(i).learns())
                    .boxed()
                    .toList();
        }

        List<Use> learningUses() {
            return parameters.stream()
                    .filter(Parameter::learns)
                    .map(parameter -> new Use(parameter.name(), site))
                    .toList();
        }

        /** Whether its backward pass has anything to compute. */
        boolean takesPart() {
            return learnsBelow || parameters.stream().anyMatch(Parameter::learns);
        }
    }

    /**
     * @param norm the last one of the model
     * @param matrix the embedding's parameter if it is tied
     */
    public record Head(Parameter norm, Parameter matrix) {
        Use normUse() {
            return new Use(norm.name(), Use.HEAD);
        }

        Use matrixUse() {
            return new Use(matrix.name(), Use.HEAD);
        }
    }
}
