package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which tensors of a model are parameters of their own, and how each of them learns. */
public final class ParameterTable {
    private final TrainJob job;
    private final Architecture architecture;
    private final Lineage lineage;

    private ParameterTable(TrainJob job, Architecture architecture, Lineage lineage) {
        this.job = job;
        this.architecture = architecture;
        this.lineage = lineage;
    }

    /**
     * The parameters by name.
     *
     * @param tensors shapes of all tensors of the model that is trained, layers by site, with what
     *     is added to it
     */
    public static List<ParameterSettings> of(
            TrainJob job,
            Architecture architecture,
            Lineage lineage,
            SortedMap<String, Shape> tensors) {
        ParameterTable table = new ParameterTable(job, architecture, lineage);
        SortedMap<String, ParameterSettings> parameters = new TreeMap<>();
        for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
            if (table.isOwn(tensor.getKey())) {
                parameters.put(tensor.getKey(), table.settings(tensor.getKey(), tensor.getValue()));
            }
        }
        return List.copyOf(parameters.values());
    }

    /** Tied clones have no parameters of their own, but what is added to them. */
    private boolean isOwn(String tensor) {
        return !isTied(tensor)
                || !(architecture.place(tensor) instanceof TensorPlace.InLayer in)
                || site(in).occurrence() == 0;
    }

    private ParameterSettings settings(String name, Shape shape) {
        return new ParameterSettings(
                name,
                sites(name),
                architecture.role(name) != Role.BUFFER && isTrained(name),
                rateMultiplier(name),
                decays(name, shape),
                job.clones()
                        .gates()
                        .filter(_ -> AddedParameters.isGate(name))
                        .flatMap(GateSettings::clamp));
    }

    private boolean decays(String name, Shape shape) {
        return shape.extents().size() >= 2
                || job.optimizer().decay() == OptimizerSettings.Decay.ALL
                        && !AddedParameters.isGate(name);
    }

    private boolean isTied(String tensor) {
        return job.clones().tie() && !AddedParameters.isAdded(tensor);
    }

    private List<String> sites(String name) {
        if (!isTied(name) || !(architecture.place(name) instanceof TensorPlace.InLayer in)) {
            return List.of(name);
        }
        List<String> names = new ArrayList<>();
        Site first = site(in);
        for (Site site : lineage.sites()) {
            if (site.model().equals(first.model()) && site.layer() == first.layer()) {
                names.add(architecture.layerTensor(site.site(), in.suffix()));
            }
        }
        return names;
    }

    private boolean isTrained(String name) {
        if (AddedParameters.isAdded(name) || job.lora().isPresent()) {
            return AddedParameters.isAdded(name);
        }
        return switch (job.trainable()) {
            case TrainableSet.All _ -> true;
            case TrainableSet.Norms _ -> architecture.role(name) == Role.NORM;
            case TrainableSet.Clones _ ->
                    architecture.place(name) instanceof TensorPlace.InLayer in
                            && site(in).occurrence() > 0;
            case TrainableSet.Matching matching ->
                    matching.patterns().stream()
                            .anyMatch(pattern -> new NamePattern(pattern).matches(name));
        };
    }

    /**
     * The share of a site of a layer with k sites, or what gates have instead, times what the last
     * matching rule says.
     */
    private double rateMultiplier(String name) {
        double share =
                job.clones().learningRate() == CloneSettings.Rate.ONE_OVER_K
                                && architecture.place(name) instanceof TensorPlace.InLayer in
                        ? 1.0 / site(in).copies()
                        : 1;
        double own =
                AddedParameters.isGate(name)
                        ? job.clones().gates().orElseThrow().learningRate()
                        : share;
        return own
                * job.learningRates().stream()
                        .filter(rule -> new NamePattern(rule.pattern()).matches(name))
                        .mapToDouble(rule -> rule.multiplier())
                        .reduce(1, (_, last) -> last);
    }

    private Site site(TensorPlace.InLayer place) {
        return lineage.sites().get(place.layer());
    }
}
