package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.protocol.job.JobView;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks jobs for their views, once. A page has what was known before of those that do not answer in
 * time, and names them; a single job that does not is not answered for, since there is one.
 */
final class ViewCollector {
    /** A page is one message between nodes, which has at most 2 MiB. */
    private static final int PAGE_WEIGHT_MAX = 1_000_000;

    /**
     * A job of a page.
     *
     * @param number in the list; pages begin after one
     * @param last what it looked like when it was last heard of
     * @param entity asked how it looks now; empty where nothing can have changed
     */
    record Wanted(
            String job,
            long number,
            Optional<JobView> last,
            Optional<ActorRef<JobEntity.Command>> entity) {}

    private sealed interface Message {}

    private record Seen(JobView view) implements Message {}

    /** It was listed, but never accepted. */
    private record Absent(String job) implements Message {}

    private record TimedOut() implements Message {}

    private ViewCollector() {}

    /**
     * @param wanted the newest first, one more than asked for where there are so many
     */
    static Behavior<?> page(
            JobQuery query, List<Wanted> wanted, Duration timeout, ActorRef<ListReply> replyTo) {
        Map<String, ActorRef<JobEntity.Command>> asked = new HashMap<>();
        wanted.forEach(one -> one.entity().ifPresent(entity -> asked.put(one.job(), entity)));
        return collect(
                asked,
                timeout,
                answers -> replyTo.tell(page(query, wanted, answers)),
                answers -> replyTo.tell(page(query, wanted, answers)));
    }

    static Behavior<?> one(
            Directory.View view, ActorRef<JobEntity.Command> entity, Duration timeout) {
        return collect(
                Map.of(view.job(), entity),
                timeout,
                answers ->
                        view.replyTo()
                                .tell(
                                        new Directory.Found(
                                                answers.getOrDefault(
                                                        view.job(), Optional.empty()))),
                answers -> {});
    }

    private static ListReply.Page page(
            JobQuery query, List<Wanted> wanted, Map<String, Optional<JobView>> answers) {
        List<JobView> page = new ArrayList<>();
        List<String> late = new ArrayList<>();
        int weight = 0;
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            Optional<JobView> view =
                    answers.getOrDefault(one.job(), one.last()).filter(query::matches);
            int more = view.map(KnownViews::weight).orElse(0);
            boolean full = i == query.most() || !page.isEmpty() && weight + more > PAGE_WEIGHT_MAX;
            if (full) {
                return new ListReply.Page(
                        page, Optional.of(Long.toString(wanted.get(i - 1).number())), late);
            }
            view.ifPresent(page::add);
            weight += more;
            if (one.entity().isPresent() && !answers.containsKey(one.job())) {
                late.add(one.job());
            }
        }
        return new ListReply.Page(page, Optional.empty(), late);
    }

    /**
     * @param all told when all have answered
     * @param some told when that took too long
     */
    private static Behavior<Message> collect(
            Map<String, ActorRef<JobEntity.Command>> jobs,
            Duration timeout,
            Consumer<Map<String, Optional<JobView>>> all,
            Consumer<Map<String, Optional<JobView>>> some) {
        return Behaviors.setup(
                context -> {
                    if (jobs.isEmpty()) {
                        all.accept(Map.of());
                        return Behaviors.stopped();
                    }
                    ask(context, jobs);
                    context.setReceiveTimeout(timeout, new TimedOut());
                    return waiting(jobs.size(), new HashMap<>(), all, some);
                });
    }

    private static void ask(
            ActorContext<Message> context, Map<String, ActorRef<JobEntity.Command>> jobs) {
        ActorRef<Message> self = context.getSelf();
        ActorRef<JobView> views = context.messageAdapter(JobView.class, Seen::new);
        jobs.forEach(
                (job, entity) ->
                        entity.tell(new JobEntity.View(views, () -> self.tell(new Absent(job)))));
    }

    private static Behavior<Message> waiting(
            int expected,
            Map<String, Optional<JobView>> seen,
            Consumer<Map<String, Optional<JobView>>> all,
            Consumer<Map<String, Optional<JobView>>> some) {
        return Behaviors.receiveMessage(
                message -> {
                    switch (message) {
                        case Seen(JobView view) -> seen.put(view.id(), Optional.of(view));
                        case Absent(String job) -> seen.put(job, Optional.empty());
                        case TimedOut() -> {
                            some.accept(seen);
                            return Behaviors.stopped();
                        }
                    }
                    if (seen.size() < expected) {
                        return Behaviors.same();
                    }
                    all.accept(seen);
                    return Behaviors.stopped();
                });
    }
}
