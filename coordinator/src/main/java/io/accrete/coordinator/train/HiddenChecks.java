package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether the teacher has the states that sites of {@code distill.hidden} are to have. Each is
 * matched with the teacher's layer that it comes from, on the one way of a micro-batch through both
 * models: so sites are the first of their layers, and layers ascend.
 */
final class HiddenChecks {
    private static final String SITES = "distill.hidden";

    private final PlanChecks checks;
    private final TrainedModel model;
    private final Optional<TrainedModel> teacher;

    /**
     * @param model as it is trained, with its sites
     * @param teacher if it is a model of its own
     */
    HiddenChecks(PlanChecks checks, TrainedModel model, Optional<TrainedModel> teacher) {
        this.checks = checks;
        this.model = model;
        this.teacher = teacher;
    }

    /**
     * Whether the model has all sites, and the teacher their layers. Of a growth it is enough that
     * the model before it has them: a copy stands after its site, which stays the first of its
     * layer.
     */
    boolean areThere(TrainJob job) {
        List<Integer> hidden = hidden(job);
        if (hidden.isEmpty()) {
            return true;
        }
        Optional<Integer> beyond =
                hidden.stream().filter(site -> site >= model.layers()).findFirst();
        if (beyond.isPresent()) {
            checks.error(
                    PlanFault.LAYER_MISSING,
                    SITES,
                    "`distill.hidden` has site %d, and the model has sites 0..%d"
                            .formatted(beyond.get(), model.layers() - 1),
                    "name sites that the model has");
            return false;
        }
        boolean own = job.distill().orElseThrow().teacher() instanceof Teacher.Self;
        int layers =
                own ? model.layers() : teacher.map(TrainedModel::layers).orElse(Integer.MAX_VALUE);
        int before = -1;
        for (int number : hidden) {
            Site site = model.lineage().sites().get(number);
            if (!isFirst(site) || !hasLayer(site, layers) || !ascends(site, before)) {
                return false;
            }
            before = site.layer();
        }
        return widthsAgree();
    }

    private static List<Integer> hidden(TrainJob job) {
        return job.distill().map(DistillSettings::hidden).orElse(List.of());
    }

    private boolean widthsAgree() {
        OptionalLong own = model.config().hidden();
        Optional<OptionalLong> other = teacher.map(found -> found.config().hidden());
        if (other.isEmpty() || other.get().equals(own)) {
            return true;
        }
        checks.error(
                PlanFault.NO_SUCH_STATES,
                SITES,
                "states of the teacher have %d numbers and those of the model %d, so they cannot be"
                                .formatted(other.get().orElse(0), own.orElse(0))
                        + " compared",
                "leave out `hidden`, or choose a teacher of the same hidden size");
        return false;
    }

    private boolean isFirst(Site site) {
        if (site.occurrence() == 0) {
            return true;
        }
        int first = model.lineage().firstSite(site.site());
        checks.error(
                PlanFault.NO_SUCH_STATES,
                SITES,
                "site %d is a clone of site %d, and the states after layer %d of the teacher belong to"
                                .formatted(site.site(), first, site.layer())
                        + " the first of them",
                "name site %d, or one that is no clone".formatted(first));
        return false;
    }

    private boolean hasLayer(Site site, int layers) {
        if (site.layer() < layers) {
            return true;
        }
        checks.error(
                PlanFault.NO_SUCH_STATES,
                SITES,
                "site %d comes from layer %d, and the teacher has layers 0..%d"
                        .formatted(site.site(), site.layer(), layers - 1),
                "name sites that come from these layers");
        return false;
    }

    private boolean ascends(Site site, int before) {
        if (site.layer() > before) {
            return true;
        }
        checks.error(
                PlanFault.NO_SUCH_STATES,
                SITES,
                "site %d comes from layer %d, and a site before it from layer %d: a teacher passes"
                                .formatted(site.site(), site.layer(), before)
                        + " its layers once, in their order",
                "name sites whose layers ascend");
        return false;
    }

    /**
     * Something has to learn at the lowest of them or below it; then the others can move too.
     *
     * @param written the job as it is written: sites have other numbers in rounds of a growth
     */
    void canMove(TrainJob job, TrainJob written, List<ParameterSettings> parameters) {
        hidden(job).stream()
                .findFirst()
                .filter(
                        site ->
                                parameters.stream()
                                        .filter(ParameterSettings::trained)
                                        .flatMap(parameter -> parameter.sites().stream())
                                        .noneMatch(tensor -> isUpTo(site, tensor)))
                .ifPresent(
                        _ ->
                                checks.error(
                                        PlanFault.NO_SUCH_STATES,
                                        SITES,
                                        "nothing learns at site %d or below it%s, so its states never"
                                                        .formatted(
                                                                hidden(written).getFirst(),
                                                                inRound(job))
                                                + " change",
                                        "name sites above what learns"));
    }

    private String inRound(TrainJob job) {
        return job.grow().isPresent()
                ? " in the round that has %d layers".formatted(model.layers())
                : "";
    }

    private boolean isUpTo(int site, String tensor) {
        return switch (model.architecture().place(tensor)) {
            case TensorPlace.Before _ -> true;
            case TensorPlace.InLayer in -> in.layer() <= site;
            case TensorPlace.After _ -> false;
        };
    }
}
