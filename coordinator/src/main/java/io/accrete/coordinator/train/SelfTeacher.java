package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Optional;

/**
 * When a grown model holds its own teacher: without its clones it is the base model, layer by
 * layer, and stays so, since nothing of that path learns.
 */
final class SelfTeacher {
    private SelfTeacher() {}

    /** Why a model cannot teach itself, as a sentence; empty if it can. */
    static Optional<String> objection(
            TrainJob job, TrainedModel model, List<ParameterSettings> parameters) {
        if (!model.lineage().hasClones()) {
            return Optional.of(
                    "the model has no clones that it could leave out, so it would be its own"
                            + " equal");
        }
        if (job.clones().init() == CloneSettings.Init.ONE_OVER_K) {
            return Optional.of(
                    "`clones.init: 1/k` scales the first site of a layer too, so that the model"
                            + " without its clones is not the base model");
        }
        List<Site> path =
                model.lineage().sites().stream().filter(site -> site.occurrence() == 0).toList();
        for (int i = 0; i < path.size(); i++) {
            if (path.get(i).layer() != i || !path.get(i).model().equals(path.getFirst().model())) {
                return Optional.of(
                        "without its clones the model is not its base: its layer %d would be layer"
                                        .formatted(i)
                                + " %d of %s".formatted(path.get(i).layer(), path.get(i).model()));
            }
        }
        return parameters.stream()
                .filter(ParameterSettings::trained)
                .filter(parameter -> isOnPath(parameter.name(), model))
                .findFirst()
                .map(
                        parameter ->
                                "`%s` learns and is part of the base model, which has to stand still"
                                        .formatted(parameter.name()));
    }

    /** What is added to a site of the path is not part of it. */
    private static boolean isOnPath(String parameter, TrainedModel model) {
        return !AddedParameters.isAdded(parameter)
                && (!(model.architecture().place(parameter) instanceof TensorPlace.InLayer in)
                        || model.lineage().sites().get(in.layer()).occurrence() == 0);
    }
}
