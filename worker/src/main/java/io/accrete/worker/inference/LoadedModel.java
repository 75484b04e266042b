package io.accrete.worker.inference;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.data.ModelVocabulary;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.nn.LayerStack;
import io.accrete.worker.nn.PlacedWeights;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A model folder ready to compute with, on the thread that opened it and on no other. */
public final class LoadedModel implements AutoCloseable {
    private final LlamaConfig config;
    private final TensorScope scope;
    private final LayerStack stack;
    private final ModelVocabulary vocabulary;
    private final Set<Long> stops;

    private LoadedModel(
            LlamaConfig config,
            TensorScope scope,
            LayerStack stack,
            ModelVocabulary vocabulary,
            Set<Long> stops) {
        this.stops = Set.copyOf(stops);
        this.config = config;
        this.scope = scope;
        this.stack = stack;
        this.vocabulary = vocabulary;
    }

    /**
     * Maps the weights; reads none yet.
     *
     * @param threads that one calculation may use
     * @throws ModelFileException if it is no model that can be computed with
     */
    public static LoadedModel open(ModelFolder folder, ComputeDevice device, int threads)
            throws ModelFileException {
        LlamaConfig config = LlamaConfig.of(folder);
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(threads);
        TensorScope scope = TensorScope.open(device);
        LayerStack stack =
                new LayerStack(
                        config,
                        new PlacedWeights(new FolderWeights(folder, arithmetic, scope), scope),
                        arithmetic,
                        DType.F32,
                        scope);
        return new LoadedModel(
                config, scope, stack, new ModelVocabulary(folder, config), stops(folder));
    }

    /** One number or a list of them. */
    private static Set<Long> stops(ModelFolder folder) {
        Set<Long> stops = new TreeSet<>();
        Optional<JsonNode> named = folder.config().flatMap(config -> config.find("eos_token_id"));
        if (named.isPresent() && named.get().isArray()) {
            named.get().forEach(id -> stops.add(id.asLong()));
        } else {
            named.filter(JsonNode::canConvertToLong).ifPresent(id -> stops.add(id.asLong()));
        }
        return stops;
    }

    public LlamaConfig config() {
        return config;
    }

    public ModelVocabulary vocabulary() {
        return vocabulary;
    }

    /** Ids that end a text, as the configuration says. */
    public Set<Long> stops() {
        return stops;
    }

    LayerStack stack() {
        return stack;
    }

    TensorScope scope() {
        return scope;
    }

    @Override
    public void close() {
        vocabulary.close();
        scope.close();
    }
}
