package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.train.CloneSettings.Init;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.TrainJob;

/** Whether clones begin as their settings say, once the sites of the model are known. */
final class CloneStarts {
    private static final String INIT = "clones.init";

    private final ParsedJob parsed;
    private final TrainJob job;
    private final ProblemLog log;

    CloneStarts(ParsedJob parsed, TrainJob job, ProblemLog log) {
        this.parsed = parsed;
        this.job = job;
        this.log = log;
    }

    /**
     * @param lineage of the model with the sites of the job, before any round
     */
    void check(Lineage lineage) {
        dividedTwice(lineage);
        inserted(lineage);
    }

    private void dividedTwice(Lineage lineage) {
        boolean both =
                job.clones().init() == Init.ONE_OVER_K
                        && job.clones().gates().map(GateSettings::init).stream()
                                .anyMatch(init -> init.isEmpty());
        if (both
                && AddedRules.of(job, lineage).gates().keySet().stream()
                        .anyMatch(site -> lineage.sites().get(site).copies() > 1)) {
            log.error(
                    JobFault.CONTRADICTION,
                    parsed.at("clones.gates.init"),
                    "branches of a layer with k sites would be divided by k twice: by"
                            + " `clones.init`, and by gates that start at 1/k",
                    "write `init: 1` in `clones.gates`");
        }
    }

    /** A round adds nothing at first, so that the loss does not jump. */
    private void inserted(Lineage lineage) {
        if (job.grow().isPresent()
                && !lineage.hasClones()
                && parsed.places().containsKey(INIT)
                && job.clones().init() != Init.IDENTITY) {
            log.slip(
                    JobFault.NO_EFFECT,
                    parsed.at(INIT),
                    "'clones.init' is %s and has no effect: layers that `grow` inserts start as"
                                    .formatted(JobSection.word(job.clones().init()))
                            + " identity, and the model has no other clones",
                    "write `init: identity`, or leave it out; `sites` instead of `grow` takes"
                            + " copies as they are");
        }
    }
}
