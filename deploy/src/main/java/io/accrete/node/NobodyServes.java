package io.accrete.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Set;

/**
 * Ends a node that only works once all that serve have left its cluster: those that come later
 * found another one, and it would wait for them for ever. Started again it joins them.
 */
final class NobodyServes {
    private static final Logger LOG = LoggerFactory.getLogger(NobodyServes.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** In a row: one that is about to join is seen within a second. */
    private static final int LOOKS = 5;

    private static final Set<MemberStatus> LEAVING =
            Set.of(MemberStatus.exiting(), MemberStatus.down(), MemberStatus.removed());

    /** The only message. */
    enum Look {
        AROUND
    }

    private final ActorContext<Look> context;
    private final Cluster cluster;
    private int alone;

    private NobodyServes(ActorContext<Look> context) {
        this.context = context;
        this.cluster = Cluster.get(context.getSystem());
    }

    static Behavior<Look> create() {
        return Behaviors.setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    timers.startTimerWithFixedDelay(Look.AROUND, LOOK);
                                    NobodyServes watch = new NobodyServes(context);
                                    return Behaviors.receiveMessage(_ -> watch.look());
                                }));
    }

    private Behavior<Look> look() {
        boolean isMember = cluster.selfMember().status().equals(MemberStatus.up());
        alone = isMember && !isServed() ? alone + 1 : 0;
        if (alone < LOOKS) {
            return Behaviors.same();
        }
        LOG.warn("all nodes that serve have left the cluster: this one ends, to join them anew");
        CoordinatedShutdown.get(context.getSystem())
                .runAll(CoordinatedShutdown.clusterDowningReason());
        return Behaviors.stopped();
    }

    private boolean isServed() {
        for (Member member : cluster.state().getMembers()) {
            if (member.hasRole(SystemConfig.COORDINATOR) && !LEAVING.contains(member.status())) {
                return true;
            }
        }
        return false;
    }
}
