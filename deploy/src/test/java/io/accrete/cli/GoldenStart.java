package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.model.LlamaConfig;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the parameters of an expected training were at first; inserted sites as they came. */
final class GoldenStart {
    private final Weights base;
    private final Weights data;
    private final JsonNode gates;

    /** For each site the layer of the base, and what its branches are multiplied with. */
    private final List<Integer> layers = new ArrayList<>();

    private final List<Double> factors = new ArrayList<>();

    /**
     * @param rounds of a growth that have begun
     */
    GoldenStart(JsonNode description, Path golden, int rounds) throws IOException {
        base = Weights.read(Material.data().resolve("models/stories260k-hf"));
        data = Weights.read(golden.resolve("data.safetensors"));
        gates = description.path("gates");
        if (description.has("sites")) {
            for (JsonNode site : description.path("sites")) {
                layers.add(site.path("source_layer").asInt());
                factors.add(
                        description
                                .path("branch_scale")
                                .path(site.path("site").asText())
                                .asDouble(1));
            }
        } else {
            for (int layer = 0; layer < 5; layer++) {
                layers.add(layer);
                factors.add(1.0);
            }
        }
        description
                .path("rounds")
                .valueStream()
                .limit(rounds)
                .mapToInt(round -> round.path("insert_after_site").asInt())
                .forEach(
                        after -> {
                            layers.add(after + 1, layers.get(after));
                            factors.add(after + 1, 0.0);
                        });
    }

    double[] values(String name, int length) {
        if (name.startsWith("base_model.")) {
            return data.tensors().containsKey("initial." + name)
                    ? data.tensor("initial." + name).values()
                    : new double[length];
        }
        if (name.endsWith("_gate")) {
            double[] values = new double[length];
            Arrays.fill(values, gates.path("init").asDouble());
            return values;
        }
        if (!LlamaConfig.isInLayer(name)) {
            return base.tensor(name).values();
        }
        int site = LlamaConfig.layerOf(name);
        String suffix = LlamaConfig.suffixOf(name);
        double[] values = base.tensor(LlamaConfig.layerTensor(layers.get(site), suffix)).values();
        boolean ends =
                suffix.equals("self_attn.o_proj.weight") || suffix.equals("mlp.down_proj.weight");
        return ends ? Arrays.stream(values).map(x -> x * factors.get(site)).toArray() : values;
    }
}
