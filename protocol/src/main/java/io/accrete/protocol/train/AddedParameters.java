package io.accrete.protocol.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.tensor.Shape;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Parameters that a model has while it is trained and neither before nor after: gates on its
 * branches, low-rank adapters beside its matrices. At the end they are folded into its own tensors.
 *
 * @param gates first value of the gates of each site that has them
 * @param perChannel whether a gate has a number for each hidden unit
 */
public record AddedParameters(
        SortedMap<Integer, Double> gates, boolean perChannel, Optional<LoraSettings> lora) {
    public static final String ATTENTION_GATE = "attn_gate";
    public static final String MLP_GATE = "mlp_gate";

    private static final String LORA_A = ".lora_A.weight";
    private static final String LORA_B = ".lora_B.weight";

    public AddedParameters {
        gates = Collections.unmodifiableSortedMap(new TreeMap<>(gates));
    }

    /**
     * Whether the gates of a site start at zero. A branch that ends in zeros would never learn
     * there, nor would its gate: each is the gradient of the other.
     */
    public boolean startsShut(int site) {
        return gates.getOrDefault(site, 1.0) == 0;
    }

    public static AddedParameters none() {
        return new AddedParameters(new TreeMap<>(), false, Optional.empty());
    }

    /** Name of the matrix A of a projection, [rank, inputs]. */
    public static String loraA(int site, Projection projection) {
        return LlamaConfig.layerTensor(site, projection.module() + LORA_A);
    }

    /** Name of the matrix B of a projection, [outputs, rank]. */
    public static String loraB(int site, Projection projection) {
        return LlamaConfig.layerTensor(site, projection.module() + LORA_B);
    }

    public static boolean isLora(String name) {
        return isLoraA(name) || name.endsWith(LORA_B);
    }

    public static boolean isLoraA(String name) {
        return name.endsWith(LORA_A);
    }

    public static boolean isGate(String name) {
        return name.endsWith("." + ATTENTION_GATE) || name.endsWith("." + MLP_GATE);
    }

    /** Whether a parameter is none of the model's own. */
    public static boolean isAdded(String name) {
        return isLora(name) || isGate(name);
    }

    /** Projections of every layer that have low-rank matrices. */
    public List<Projection> targets() {
        return lora.map(LoraSettings::targets).orElse(List.of());
    }

    /** Names of what a site has, in the order of the arithmetic: gates, then A and B by target. */
    public List<String> names(int site) {
        List<String> names = new ArrayList<>();
        if (gates.containsKey(site)) {
            names.add(LlamaConfig.layerTensor(site, ATTENTION_GATE));
            names.add(LlamaConfig.layerTensor(site, MLP_GATE));
        }
        for (Projection target : targets()) {
            names.add(loraA(site, target));
            names.add(loraB(site, target));
        }
        return names;
    }

    /**
     * The shapes of all of them.
     *
     * @param sites number of sites
     * @param matrices shape of a matrix of a site
     */
    public SortedMap<String, Shape> shapes(
            int sites, BiFunction<Integer, Projection, Shape> matrices) {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        for (int site = 0; site < sites; site++) {
            if (gates.containsKey(site)) {
                long width = perChannel ? outputs(matrices.apply(site, Projection.O)) : 1;
                names(site).stream()
                        .filter(AddedParameters::isGate)
                        .forEach(name -> shapes.put(name, Shape.of(width)));
            }
            for (Projection target : targets()) {
                Shape matrix = matrices.apply(site, target);
                int rank = lora.orElseThrow().rank();
                shapes.put(loraA(site, target), Shape.of(rank, matrix.extents().getLast()));
                shapes.put(loraB(site, target), Shape.of(outputs(matrix), rank));
            }
        }
        return shapes;
    }

    private static long outputs(Shape matrix) {
        return matrix.extents().getFirst();
    }
}
