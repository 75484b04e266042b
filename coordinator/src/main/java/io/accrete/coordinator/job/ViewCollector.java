package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.protocol.job.JobView;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks jobs for their views, once. A list has those that come in time; a single one that does not
 * is not answered for, since there is a job.
 */
final class ViewCollector {
    private sealed interface Message {}

    private record Seen(JobView view) implements Message {}

    private record TimedOut() implements Message {}

    private ViewCollector() {}

    static Behavior<?> all(
            List<ActorRef<JobEntity.Command>> jobs,
            Duration timeout,
            ActorRef<Directory.Listing> replyTo) {
        return collect(jobs, timeout, views -> replyTo.tell(new Directory.Listing(views)));
    }

    static Behavior<?> one(
            ActorRef<JobEntity.Command> job, Duration timeout, ActorRef<Directory.Found> replyTo) {
        return collect(
                List.of(job),
                timeout,
                views ->
                        views.forEach(
                                view -> replyTo.tell(new Directory.Found(Optional.of(view)))));
    }

    private static Behavior<Message> collect(
            List<ActorRef<JobEntity.Command>> jobs,
            Duration timeout,
            Consumer<List<JobView>> answer) {
        return Behaviors.setup(
                context -> {
                    if (jobs.isEmpty()) {
                        answer.accept(List.of());
                        return Behaviors.stopped();
                    }
                    ActorRef<JobView> views = context.messageAdapter(JobView.class, Seen::new);
                    jobs.forEach(job -> job.tell(new JobEntity.View(views)));
                    context.setReceiveTimeout(timeout, new TimedOut());
                    return waiting(jobs.size(), new ArrayList<>(), answer);
                });
    }

    private static Behavior<Message> waiting(
            int expected, List<JobView> seen, Consumer<List<JobView>> answer) {
        return Behaviors.receiveMessage(
                message -> {
                    if (message instanceof Seen(JobView view)) {
                        seen.add(view);
                        if (seen.size() < expected) {
                            return Behaviors.same();
                        }
                    }
                    seen.sort(Comparator.comparing(JobView::created));
                    answer.accept(List.copyOf(seen));
                    return Behaviors.stopped();
                });
    }
}
