package io.accrete.local;

import io.accrete.protocol.train.StepVerdict;
import io.accrete.worker.train.CheckpointPart;
import io.accrete.worker.train.MicroBatch;
import io.accrete.worker.train.Stage;
import io.accrete.worker.train.StageEdges;
import io.accrete.worker.train.StageReport;
import io.accrete.worker.train.StageSetup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The stages of a training in one process, each on a thread of its own. */
final class StageThreads implements AutoCloseable {
    private final List<ExecutorService> threads = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();

    /**
     * Reads the weights.
     *
     * @param depth messages that an edge between two stages holds
     */
    StageThreads(List<StageSetup> setups, int depth) throws IOException, InterruptedException {
        StageEdges edges = new StageEdges(setups.size(), depth, setups.getFirst().map().useCount());
        for (StageSetup setup : setups) {
            threads.add(
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name("stage-" + setup.stage()).factory()));
        }
        stages.addAll(all(i -> new Stage(setups.get(i), edges)));
    }

    private interface Work<T> {
        T of(int stage) throws Exception;
    }

    List<StageReport> run(List<MicroBatch> microBatches, long targets)
            throws IOException, InterruptedException {
        return all(i -> stages.get(i).run(microBatches, targets));
    }

    void apply(StepVerdict verdict) throws IOException, InterruptedException {
        all(
                i -> {
                    stages.get(i).apply(verdict);
                    return i;
                });
    }

    /** The sum of the NLL of all micro-batches, in nats. */
    double score(List<MicroBatch> microBatches) throws IOException, InterruptedException {
        double sum = 0;
        for (List<Double> sums : all(i -> stages.get(i).score(microBatches))) {
            for (double each : sums) {
                sum += each;
            }
        }
        return sum;
    }

    List<CheckpointPart> save(Path folder) throws IOException, InterruptedException {
        return all(i -> stages.get(i).save(folder));
    }

    /** What a stage shows of itself. */
    interface Export {
        void of(Stage stage) throws IOException;
    }

    /** One stage after the other. */
    void export(Export export) throws IOException, InterruptedException {
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            result(
                    threads.get(i)
                            .submit(
                                    () -> {
                                        export.of(stage);
                                        return stage;
                                    }));
        }
    }

    /** On all threads at once; the first failure ends the others, which may wait for that stage. */
    private <T> List<T> all(Work<T> work) throws IOException, InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        ExecutorService waiting = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());
        ExecutorCompletionService<T> done = new ExecutorCompletionService<>(waiting);
        try (waiting) {
            for (int i = 0; i < threads.size(); i++) {
                int stage = i;
                Callable<T> own = () -> work.of(stage);
                Future<T> future = threads.get(i).submit(own);
                futures.add(future);
                done.submit(future::get);
            }
            for (int i = 0; i < threads.size(); i++) {
                Future<T> first = done.take();
                if (first.state() == Future.State.FAILED) {
                    threads.forEach(ExecutorService::shutdownNow);
                    waiting.shutdownNow();
                    throw failure(first.exceptionNow());
                }
            }
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(future.resultNow());
        }
        return results;
    }

    private static <T> T result(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static IOException failure(Throwable failure) {
        Throwable cause = failure instanceof ExecutionException e ? e.getCause() : failure;
        return switch (cause) {
            case IOException known -> known;
            case RuntimeException fault -> throw fault;
            case Error error -> throw error;
            case null, default -> new IOException("a stage failed: " + cause, cause);
        };
    }

    /** Stages free their memory where they are; one that still waits for another is given up. */
    @Override
    public void close() {
        for (int i = 0; i < stages.size(); i++) {
            if (!threads.get(i).isShutdown()) {
                threads.get(i).execute(stages.get(i)::close);
                threads.get(i).shutdown();
            }
        }
    }
}
