package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** The actors of jobs, each started when it is first needed. Confined to their parent. */
final class JobChildren {
    private final BiFunction<String, String, ActorRef<JobEntity.Command>> start;
    private final Map<String, ActorRef<JobEntity.Command>> entities = new HashMap<>();
    private long started;

    /**
     * @param start makes the actor of a job, with a name that no other has
     */
    JobChildren(BiFunction<String, String, ActorRef<JobEntity.Command>> start) {
        this.start = start;
    }

    ActorRef<JobEntity.Command> entity(String job) {
        // The one of before may still be ending.
        return entities.computeIfAbsent(
                job, id -> start.apply(id, "%s.%d".formatted(id, ++started)));
    }

    /** It ends once its driver has. */
    void retire(String job) {
        ActorRef<JobEntity.Command> entity = entities.remove(job);
        if (entity != null) {
            entity.tell(new JobEntity.Retire());
        }
    }

    /**
     * @return whether that was the actor of its job, which then has none
     */
    boolean removes(String job, ActorRef<JobEntity.Command> ended) {
        return entities.remove(job, ended);
    }

    /** They have been stopped with their parent. */
    void clear() {
        entities.clear();
    }
}
