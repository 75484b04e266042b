package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The actors of jobs, each started when it is first needed. Confined to their parent. */
final class JobChildren {
    private final ActorContext<Directory.Command> context;
    private final Function<String, Behavior<JobEntity.Command>> behaviour;
    private final BiFunction<String, ActorRef<JobEntity.Command>, Directory.Command> stopped;
    private final Map<String, ActorRef<JobEntity.Command>> entities = new HashMap<>();
    private long spawned;

    /**
     * @param behaviour of a job
     * @param stopped told to the parent when the actor of a job ends
     */
    JobChildren(
            ActorContext<Directory.Command> context,
            Function<String, Behavior<JobEntity.Command>> behaviour,
            BiFunction<String, ActorRef<JobEntity.Command>, Directory.Command> stopped) {
        this.context = context;
        this.behaviour = behaviour;
        this.stopped = stopped;
    }

    ActorRef<JobEntity.Command> entity(String job) {
        return entities.computeIfAbsent(
                job,
                id -> {
                    // The one of before may still be ending.
                    ActorRef<JobEntity.Command> entity =
                            context.spawn(behaviour.apply(id), "%s.%d".formatted(id, ++spawned));
                    context.watchWith(entity, stopped.apply(id, entity));
                    return entity;
                });
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
