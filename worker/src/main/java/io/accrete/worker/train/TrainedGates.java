package io.accrete.worker.train;

import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What gates have become. */
public final class TrainedGates {
    private TrainedGates() {}

    /** The mean of each gate in a checkpoint, by name. */
    public static Map<String, Double> means(
            Checkpoint checkpoint,
            AddedParameters added,
            LlamaArithmetic arithmetic,
            TensorScope scope)
            throws IOException {
        Map<String, Double> means = new TreeMap<>();
        try (StateSource state = new StateSource(Optional.of(checkpoint), arithmetic, scope)) {
            for (int site : added.gates().keySet()) {
                for (String name : added.names(site)) {
                    if (AddedParameters.isGate(name)) {
                        state.value(name).ifPresent(gate -> means.put(name, mean(gate)));
                    }
                }
            }
        }
        return means;
    }

    static double mean(Tensor gate) {
        double sum = 0;
        float[] values = gate.floats();
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
