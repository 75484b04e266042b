package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.FigureQuery;
import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.http.Artifact;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * {@code /jobs/{id}/plan}, {@code /jobs/{id}/artifacts} and {@code /jobs/{id}/metrics}: what a job
 * has on the disk.
 */
final class PaperRoutes extends AllDirectives {
    /** A model has thousands of files at most, and no deep folders. */
    private static final int FILES_MAX = 100_000;

    private static final int DEPTH_MAX = 8;
    private static final int FIGURES_DEFAULT = 1_000;
    private static final String AFTER = "after";
    private static final String UNTIL = "until";
    private static final String LIMIT = "limit";

    private final Jobs jobs;
    private final JobPlans plans;
    private final Roots roots;
    private final Guard guard;
    private final Executor blocking;

    PaperRoutes(Jobs jobs, JobPlans plans, Roots roots, Guard guard, Executor blocking) {
        this.jobs = jobs;
        this.plans = plans;
        this.roots = roots;
        this.guard = guard;
        this.blocking = blocking;
    }

    Route route() {
        return concat(
                path(PathMatchers.segment().slash("plan"), job -> shown(job, this::plan)),
                path(PathMatchers.segment().slash("artifacts"), job -> shown(job, this::files)),
                path(PathMatchers.segment().slash("metrics"), this::figures));
    }

    private Route figures(String job) {
        return get(
                () ->
                        guard.allow(
                                Role.READ,
                                List.of(AFTER, UNTIL, LIMIT),
                                _ -> parameterMap(given -> figures(job, new QueryReader(given)))));
    }

    private Route figures(String job, QueryReader parameters) {
        OptionalInt after = parameters.number(AFTER, 0, Integer.MAX_VALUE);
        OptionalInt until = parameters.number(UNTIL, 0, Integer.MAX_VALUE);
        int most = parameters.number(LIMIT, 1, FigureQuery.MOST).orElse(FIGURES_DEFAULT);
        Optional<String> fault = parameters.fault();
        if (fault.isPresent()) {
            return complete(Answers.badRequest(fault.get()));
        }
        FigureQuery query = new FigureQuery(after, until, most);
        return Answers.then(
                jobs.view(job),
                view -> view.map(found -> figures(found, query)).orElseGet(() -> none(job)));
    }

    private Route figures(JobView job, FigureQuery query) {
        if (job.kind() == JobKind.MERGE) {
            return complete(
                    Answers.problem(
                            StatusCodes.CONFLICT,
                            "API-409",
                            "job %s is a merge: only trainings have figures".formatted(job.id())));
        }
        return roots.resolve(job.output()).isEmpty()
                ? complete(gone(job))
                : Answers.of(plans.figures(job, query), Answers::ok);
    }

    private Route shown(String job, Function<JobView, Route> inner) {
        return get(
                () ->
                        guard.allow(
                                Role.READ,
                                () ->
                                        Answers.then(
                                                jobs.view(job),
                                                view ->
                                                        view.map(inner)
                                                                .orElseGet(() -> none(job)))));
    }

    private Route none(String job) {
        return complete(Answers.noSuchJob(job));
    }

    private Route plan(JobView job) {
        return Answers.of(plans.of(job.id()), Answers::ok);
    }

    private Route files(JobView job) {
        if (job.phase() != JobPhase.SUCCEEDED) {
            return complete(
                    Answers.problem(
                            StatusCodes.CONFLICT,
                            "API-409",
                            "job %s is %s: only a job that has succeeded has published something"
                                    .formatted(job.id(), job.phase())));
        }
        return Answers.of(
                CompletableFuture.supplyAsync(() -> published(job), blocking), answer -> answer);
    }

    /** Nothing outside of the output: links are not followed, and are not listed. */
    private HttpResponse published(JobView job) {
        Optional<Path> output = roots.resolve(job.output()).filter(Files::isDirectory);
        if (output.isEmpty()) {
            return gone(job);
        }
        try {
            return Answers.ok(walk(output.get().toRealPath()));
        } catch (NoSuchFileException e) {
            return gone(job);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse gone(JobView job) {
        return Answers.problem(
                StatusCodes.NOT_FOUND,
                "API-404",
                "what job %s published is not there any more, or not under a folder that jobs may"
                                .formatted(job.id())
                        + " use");
    }

    private static List<Artifact> walk(Path output) throws IOException {
        List<Artifact> files = new ArrayList<>();
        Files.walkFileTree(
                output,
                EnumSet.noneOf(FileVisitOption.class),
                DEPTH_MAX,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile()) {
                            files.add(
                                    new Artifact(
                                            output.relativize(file).toString(), attributes.size()));
                        }
                        return files.size() < FILES_MAX
                                ? FileVisitResult.CONTINUE
                                : FileVisitResult.TERMINATE;
                    }
                });
        files.sort(Comparator.comparing(Artifact::name));
        return files;
    }
}
