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

    private static final String NAME_BASE = "name the base model: `teacher: DIR`";

    /** Why a model cannot teach itself, as a sentence, and what to do instead. */
    record Objection(String why, String fix) {}

    /** Empty if the model can teach itself. */
    static Optional<Objection> objection(
            TrainJob job, TrainedModel model, List<ParameterSettings> parameters) {
        if (!model.lineage().hasClones()) {
            return Optional.of(
                    new Objection(
                            "the model has no clones that it could leave out, so it would be its"
                                    + " own equal",
                            job.grow().isPresent()
                                    ? "leave out `grow.steps_before`, in which it has none, or name"
                                            + " another model: `teacher: DIR`"
                                    : PlanChecks.GIVE_LINEAGE
                                            + "; or name another model: `teacher: DIR`"));
        }
        if (job.clones().init() == CloneSettings.Init.ONE_OVER_K) {
            return Optional.of(
                    new Objection(
                            "`clones.init: 1/k` scales the first site of a layer too, so that the"
                                    + " model without its clones is not the base model",
                            NAME_BASE + ", or write `clones.init: copy`"));
        }
        List<Site> path =
                model.lineage().sites().stream().filter(site -> site.occurrence() == 0).toList();
        for (int i = 0; i < path.size(); i++) {
            if (path.get(i).layer() != i || !path.get(i).model().equals(path.getFirst().model())) {
                return Optional.of(
                        new Objection(
                                "without its clones the model is not its base: its layer %d would be"
                                                .formatted(i)
                                        + " layer %d of %s"
                                                .formatted(
                                                        path.get(i).layer(), path.get(i).model()),
                                NAME_BASE));
            }
        }
        return parameters.stream()
                .filter(ParameterSettings::trained)
                .filter(parameter -> isOnPath(parameter.name(), model))
                .findFirst()
                .map(
                        parameter ->
                                new Objection(
                                        "`%s` learns and is part of the base model, which has to"
                                                        .formatted(parameter.name())
                                                + " stand still",
                                        "write `trainable: clones`, or " + NAME_BASE));
    }

    /** What is added to a site of the path is not part of it. */
    private static boolean isOnPath(String parameter, TrainedModel model) {
        return !AddedParameters.isAdded(parameter)
                && (!(model.architecture().place(parameter) instanceof TensorPlace.InLayer in)
                        || model.lineage().sites().get(in.layer()).occurrence() == 0);
    }
}
