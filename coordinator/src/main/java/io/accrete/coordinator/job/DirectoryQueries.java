package io.accrete.coordinator.job;

import akka.actor.typed.Behavior;

import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.JobView;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What may be asked of the list of jobs. Nothing here changes it. */
final class DirectoryQueries {
    private final Consumer<Behavior<?>> collectors;
    private final DirectorySettings settings;
    private final JobChildren children;
    private final KnownViews views;
    private final JobTallies tallies;

    /**
     * @param collectors started with each that is to ask jobs
     */
    DirectoryQueries(
            Consumer<Behavior<?>> collectors,
            DirectorySettings settings,
            JobChildren children,
            KnownViews views,
            JobTallies tallies) {
        this.collectors = collectors;
        this.settings = settings;
        this.children = children;
        this.views = views;
        this.tallies = tallies;
    }

    void view(DirectoryState state, Directory.View view) {
        Optional<JobView> settled = views.settled(view.job());
        if (settled.isPresent() || !state.jobs().containsKey(view.job())) {
            view.replyTo().tell(new Directory.Found(settled));
        } else {
            collectors.accept(
                    ViewCollector.one(view, children.entity(view.job()), settings.answerTimeout()));
        }
    }

    void list(DirectoryState state, Directory.ListJobs list) {
        JobQuery query = list.query();
        OptionalLong after = state.after(query.cursor());
        if (after.isEmpty()) {
            list.replyTo().tell(new ListReply.UnknownCursor(query.cursor().orElse("")));
            return;
        }
        // One more than asked for, which tells whether there is a next page.
        List<ViewCollector.Wanted> wanted =
                state
                        .newest(
                                query,
                                after.getAsLong(),
                                query.most() + 1,
                                job -> views.get(job).filter(v -> !query.matches(v)).isPresent())
                        .stream()
                        .map(job -> wanted(job.getKey(), job.getValue().number()))
                        .toList();
        collectors.accept(
                ViewCollector.page(query, wanted, settings.viewTimeout(), list.replyTo()));
    }

    private ViewCollector.Wanted wanted(String job, long number) {
        return views.settled(job).isPresent()
                ? new ViewCollector.Wanted(job, number, views.get(job), Optional.empty())
                : new ViewCollector.Wanted(
                        job, number, views.get(job), Optional.of(children.entity(job)));
    }

    void measure(DirectoryState state, Directory.Measure measure) {
        JobFigures figures =
                new JobFigures(
                        state.byPhase(job -> views.get(job).map(JobView::phase)),
                        tallies.journal(),
                        tallies.moved());
        measure.replyTo().tell(new Directory.Measured(figures));
    }
}
