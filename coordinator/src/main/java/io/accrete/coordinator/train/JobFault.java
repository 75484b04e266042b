package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Fault;

/** What can be wrong with a job file beyond its YAML. */
enum JobFault implements Fault {
    NOT_A_JOB(7),
    OTHER_FILE(8),
    RANGE(11),
    UNKNOWN_WORD(12),
    NOT_YET(13),
    CONTRADICTION(14),
    NO_EFFECT(15);

    private final int number;

    JobFault(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
