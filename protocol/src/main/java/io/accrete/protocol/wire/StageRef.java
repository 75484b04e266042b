package io.accrete.protocol.wire;

import akka.actor.typed.ActorRef;

/**
 * Stages of a training, to be held until the lease ends: their host announces itself to the driver
 * of the job and does what it commands. The plan is a file that every node sees.
 *
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param group which of the groups into which the stages are divided among workers
 * @param groups how many those are
 * @param driver whom the host answers to
 */
public record StageRef(
        String job,
        String plan,
        String planSha256,
        int group,
        int groups,
        ActorRef<StageAnswer> driver)
        implements LeasedWork {
    @Override
    public String task() {
        return "stages " + group;
    }

    /** As a worker names what it holds. */
    public KeptStages kept(Epoch lease) {
        return new KeptStages(lease, job, planSha256, group, groups);
    }

    /** Whether it is the same group of the same stages, whoever drives them. */
    public boolean isSame(StageRef other) {
        return job.equals(other.job)
                && planSha256.equals(other.planSha256)
                && group == other.group
                && groups == other.groups;
    }
}
