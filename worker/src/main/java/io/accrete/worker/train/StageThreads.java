package io.accrete.worker.train;

import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.StepVerdict;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Those stages of a training that are in one process, each on a thread of its own. */
public final class StageThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageThreads.class);

    /** Longer than a pass of a stage takes as a rule. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final List<Seat> seats = new ArrayList<>();

    /** A thread and the stage that is confined to it. */
    private static final class Seat {
        private final int number;
        private final ExecutorService thread;
        private @Nullable Stage stage;

        Seat(int number) {
            this.number = number;
            this.thread =
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name("stage-" + number).factory());
        }

        /** On its thread. */
        Stage stage() {
            Stage open = stage;
            if (open == null) {
                throw new IllegalStateException("the stage was never opened");
            }
            return open;
        }

        void beginToClose() {
            thread.execute(
                    () -> {
                        if (stage != null) {
                            stage.close();
                        }
                    });
            thread.shutdown();
        }
    }

    private interface Work<T> {
        T of(Stage stage) throws Exception;
    }

    private StageThreads() {}

    /**
     * Reads the weights.
     *
     * @param setups of the stages in this process
     * @throws InterruptedException if the calling thread is interrupted: nothing stays open
     */
    public static StageThreads open(List<StageSetup> setups, StageEdges edges)
            throws IOException, InterruptedException {
        StageThreads opened = new StageThreads();
        List<Callable<Stage>> opening = new ArrayList<>();
        for (StageSetup setup : setups) {
            Seat seat = new Seat(setup.stage());
            opened.seats.add(seat);
            opening.add(
                    () -> {
                        Stage stage = new Stage(setup, edges);
                        seat.stage = stage;
                        return stage;
                    });
        }
        try {
            opened.together(opening);
            return opened;
        } catch (IOException | InterruptedException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** All passes of a step. */
    public StepFigures run(List<MicroBatch> microBatches) throws IOException, InterruptedException {
        List<Integer> scored = microBatches.stream().map(MicroBatch::scored).toList();
        long targets = scored.stream().mapToLong(Integer::longValue).sum();
        List<StageReport> reports = all(stage -> stage.run(microBatches, targets));
        long resident = ResidentMemory.bytes();
        StepFigures figures = StepFigures.NONE;
        for (int i = 0; i < reports.size(); i++) {
            StageReport report = reports.get(i);
            figures =
                    figures.with(
                            new StepFigures(
                                    report.losses(),
                                    report.matched(),
                                    report.losses().isEmpty() ? List.of() : scored,
                                    report.squares(),
                                    report.gates(),
                                    new TreeMap<>(
                                            Map.of(
                                                    seats.get(i).number,
                                                    report.load().in(resident)))));
        }
        return figures;
    }

    public void apply(StepVerdict verdict) throws IOException, InterruptedException {
        all(
                stage -> {
                    stage.apply(verdict);
                    return stage;
                });
    }

    /** The sum of the NLL of all micro-batches, in nats. */
    public double score(List<MicroBatch> microBatches) throws IOException, InterruptedException {
        double sum = 0;
        for (List<Double> sums : all(stage -> stage.score(microBatches))) {
            for (double each : sums) {
                sum += each;
            }
        }
        return sum;
    }

    /** How the model goes on from each beginning, the likeliest id each time. */
    public List<long[]> continued(List<long[]> prompts, int newIds)
            throws IOException, InterruptedException {
        return all(stage -> stage.continued(prompts, newIds)).getLast();
    }

    /**
     * What each stage owns, to be written to files, in the order of stages.
     *
     * @throws io.accrete.worker.data.DataException if some of it is not finite
     */
    public List<PartFile> save(Path folder) throws IOException, InterruptedException {
        all(
                stage -> {
                    stage.requireFinite();
                    return stage;
                });
        List<CompletableFuture<PartFile>> parts =
                seats.stream()
                        .map(
                                seat ->
                                        CompletableFuture.supplyAsync(
                                                () -> seat.stage().save(folder), seat.thread))
                        .toList();
        try {
            List<PartFile> saved = new ArrayList<>();
            for (CompletableFuture<PartFile> part : parts) {
                saved.add(part.get());
            }
            return saved;
        } catch (ExecutionException | InterruptedException e) {
            parts.forEach(StageThreads::closeOnceMade);
            if (e instanceof InterruptedException interrupt) {
                throw interrupt;
            }
            throw failure(Objects.requireNonNull(e.getCause()));
        }
    }

    private static void closeOnceMade(CompletionStage<PartFile> part) {
        part.thenAccept(PartFile::close);
    }

    /** Done by one stage after the other. */
    public interface StageWork {
        void on(Stage stage) throws IOException;
    }

    /** One stage after the other, as for what they write together. */
    public void export(StageWork work) throws IOException, InterruptedException {
        for (Seat seat : seats) {
            together(
                    List.of(seat),
                    List.of(
                            () -> {
                                work.on(seat.stage());
                                return seat;
                            }));
        }
    }

    private <T> List<T> all(Work<T> work) throws IOException, InterruptedException {
        List<Callable<T>> calls = new ArrayList<>();
        for (Seat seat : seats) {
            calls.add(() -> work.of(seat.stage()));
        }
        return together(calls);
    }

    private <T> List<T> together(List<Callable<T>> calls) throws IOException, InterruptedException {
        return together(seats, calls);
    }

    /** At once; the first failure ends the others, which may wait for that stage. */
    private static <T> List<T> together(List<Seat> seats, List<Callable<T>> calls)
            throws IOException, InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        BlockingQueue<Future<T>> ended = new ArrayBlockingQueue<>(calls.size() + 1);
        for (int i = 0; i < calls.size(); i++) {
            FutureTask<T> task =
                    new FutureTask<>(calls.get(i)) {
                        @Override
                        protected void done() {
                            ended.add(this);
                        }
                    };
            futures.add(task);
            seats.get(i).thread.execute(task);
        }
        try {
            for (int i = 0; i < calls.size(); i++) {
                Future<T> first = ended.take();
                if (first.state() == Future.State.FAILED) {
                    throw failure(first.exceptionNow());
                }
            }
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            futures.forEach(future -> future.cancel(true));
            throw e;
        }
        return futures.stream().map(Future::resultNow).toList();
    }

    /** The failure of work on another thread, as one of this thread. */
    static IOException failure(Throwable failure) {
        return switch (failure) {
            case IOException known -> known;
            case RuntimeException fault -> throw fault;
            case Error error -> throw error;
            default -> new IOException("a stage failed: " + failure, failure);
        };
    }

    /**
     * Stages free their memory on their own threads, after what they still do. Whoever closes them
     * may open others, for which that memory is meant: so it waits, but not for ever for a
     * calculation that nobody can end.
     */
    @Override
    public void close() {
        seats.forEach(Seat::beginToClose);
        long deadline = System.nanoTime() + CLOSING.toNanos();
        try {
            for (Seat seat : seats) {
                long left = deadline - System.nanoTime();
                if (!seat.thread.awaitTermination(left, TimeUnit.NANOSECONDS)) {
                    LOG.warn("stage {} still computes {} after its end", seat.number, CLOSING);
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
