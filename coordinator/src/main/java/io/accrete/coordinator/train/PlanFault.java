package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Fault;

/** What can be wrong with a job that is well written, once its model is known. */
enum PlanFault implements Fault {
    LAYER_MISSING(101),
    NO_CLONES(102),
    PATTERN_WITHOUT_MATCH(103),
    NOTHING_LEARNS(104),
    TOO_MANY_STAGES(105),
    TOO_FEW_WORKERS(106),
    DOES_NOT_FIT(107),
    NO_LLAMA(108),
    NOT_FLOATING(109),
    LONG_ROWS(110),
    NEVER_LEARNS(114),
    SELF_TEACHER(115),
    NO_SUCH_STATES(124),
    NO_GROWTH(127),
    NO_BAR(128),
    STANDS_STILL(129),
    NO_SUPER_SEQUENCE(131);

    private final int number;

    PlanFault(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
