package io.accrete.protocol.wire;

import akka.actor.typed.ActorRef;

/**
 * Stages of a training, to be held until the lease ends: their host announces itself to the driver
 * of the job and does what it commands. The plan is a file that every node sees.
 *
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param group which of the groups into which the stages are divided among workers
 * @param driver whom the host answers to
 */
public record StageRef(
        String job, String plan, String planSha256, int group, ActorRef<StageAnswer> driver)
        implements LeasedWork {
    @Override
    public String task() {
        return "stages " + group;
    }
}
