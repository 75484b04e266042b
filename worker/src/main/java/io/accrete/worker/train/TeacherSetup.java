package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;

import java.util.List;
import java.util.Map;

/**
 * The teacher of a distillation.
 *
 * @param weight of its divergence in the loss
 * @param matched the site of the model that is to have the states of a layer, by layer (of a
 *     teacher that is the model itself: by site)
 * @param hiddenWeight of the distance of states in the loss
 */
public record TeacherSetup(
        Network network,
        double weight,
        double temperature,
        Map<Integer, Integer> matched,
        double hiddenWeight) {
    public TeacherSetup {
        matched = Map.copyOf(matched);
    }

    /** Length of its states, where that is not the model's own; else 0. */
    int hidden() {
        return network instanceof Network.Folder(var _, LlamaConfig own) ? own.hidden() : 0;
    }

    /** What computes its scores. */
    public sealed interface Network {
        /** A model of its own, frozen and mapped; its layers are spread over the stages. */
        record Folder(ModelFolder folder, LlamaConfig config) implements Network {}

        /**
         * The trained model without what was added to it.
         *
         * @param sites that it has, in order; they and all that is no layer do not learn
         */
        record Self(List<Integer> sites) implements Network {
            public Self {
                sites = List.copyOf(sites);
            }
        }
    }
}
