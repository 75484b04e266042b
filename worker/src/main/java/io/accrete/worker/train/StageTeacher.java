package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.TeacherSpread;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.nn.LayerSlice;
import io.accrete.worker.nn.Parameter;
import io.accrete.worker.nn.PlacedWeights;
import io.accrete.worker.nn.SliceParameters;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.LlamaArithmetic.Teaching;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * What a stage has of the teacher: as many contiguous slices of its layers as it has of the
 * model's. Nothing of it learns, so each micro-batch only goes forward, just behind the model's own
 * states.
 */
final class StageTeacher {
    private final StageSetup setup;
    private final TeacherSetup teacher;
    private final LlamaArithmetic arithmetic;
    private final LlamaConfig config;
    private final WeightSource weights;
    private final List<LayerSlice> slices = new ArrayList<>();
    private final Map<Integer, Tensor> states = new HashMap<>();

    /**
     * @param parameters of the stage, for a teacher that is the model itself
     * @param scope as long as the stage
     */
    StageTeacher(
            StageSetup setup,
            TeacherSetup teacher,
            StageParameters parameters,
            LlamaArithmetic arithmetic,
            TensorScope scope) {
        this.setup = setup;
        this.teacher = teacher;
        this.arithmetic = arithmetic;
        switch (teacher.network()) {
            case TeacherSetup.Network.Folder(var folder, var own) -> {
                config = own;
                weights = new PlacedWeights(new FolderWeights(folder, arithmetic, scope), scope);
            }
            case TeacherSetup.Network.Self(var sites) -> {
                config = setup.config().withLayers(sites.size());
                weights = name -> parameters.of(name).value();
            }
        }
        for (int slice = 0; slice < setup.map().slices(setup.stage()).size(); slice++) {
            slices.add(
                    new LayerSlice(config, parameters(slice), arithmetic, false, DType.F32, scope));
        }
    }

    private SliceParameters parameters(int slice) {
        boolean first = setup.map().part(setup.stage(), slice) == 0;
        return new SliceParameters(
                first ? Optional.of(frozen(LlamaConfig.EMBEDDING)) : Optional.empty(),
                layers(slice).stream().map(this::layer).toList(),
                Optional.empty(),
                false);
    }

    /** Layers of a folder, or sites of the model. */
    private List<Integer> layers(int slice) {
        return switch (teacher.network()) {
            case TeacherSetup.Network.Folder _ -> {
                int part = setup.map().part(setup.stage(), slice);
                NavigableMap<Integer, Integer> pinned = new TreeMap<>();
                teacher.matched()
                        .forEach((layer, site) -> pinned.put(layer, setup.map().partOf(site)));
                List<Integer> parts =
                        TeacherSpread.of(config.layers(), setup.map().parts(), pinned);
                yield IntStream.range(0, config.layers())
                        .filter(layer -> parts.get(layer) == part)
                        .boxed()
                        .toList();
            }
            case TeacherSetup.Network.Self(var sites) -> {
                SiteRange own = setup.map().slices(setup.stage()).get(slice);
                yield sites.stream().filter(s -> s >= own.first() && s < own.end()).toList();
            }
        };
    }

    private SliceParameters.Site layer(int layer) {
        List<Parameter> own = config.layerTensors(layer).stream().map(this::frozen).toList();
        return new SliceParameters.Site(layer, LayerForm.of(config), own, false);
    }

    private Parameter frozen(String name) {
        return new Parameter(name, weights.tensor(name), false);
    }

    /**
     * States after a slice's last layer.
     *
     * @param input ids, or the states of the slice before; used up
     * @param match takes the states that a site of the model is to have, with its number; they end
     *     with the call
     */
    Tensor pass(int slice, Tensor input, BiConsumer<Integer, Tensor> match, TensorScope own) {
        return slices.get(slice)
                .look(
                        input,
                        own,
                        (layer, states) -> {
                            Integer site = teacher.matched().get(layer);
                            if (site != null) {
                                match.accept(site, states);
                            }
                        });
    }

    /** Takes the states after the last layer of all, until they are asked for. */
    void keep(int microBatch, Tensor last, TensorScope step) {
        Tensor norm = weights.tensor(LlamaConfig.FINAL_NORM);
        states.put(microBatch, arithmetic.finalNorm(last, norm, config.epsilon(), step));
    }

    /** What the model is to be like on a micro-batch; once, and as long as {@code own}. */
    Teaching teaching(int microBatch, TensorScope own) {
        Tensor normed = states.remove(microBatch);
        if (normed == null) {
            throw new IllegalStateException("the teacher has not seen micro-batch " + microBatch);
        }
        Tensor head = weights.tensor(config.tied() ? LlamaConfig.EMBEDDING : LlamaConfig.HEAD);
        return new Teaching(own.keep(normed), head, teacher.weight(), teacher.temperature());
    }
}
