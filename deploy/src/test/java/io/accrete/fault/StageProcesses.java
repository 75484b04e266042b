package io.accrete.fault;

import io.accrete.node.FreePort;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A node that coordinates and works on nothing, and processes that hold stages of trainings. */
final class StageProcesses implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final String seed;
    private final AccreteProcess coordinator;
    private final List<String> addresses = new ArrayList<>();
    private final List<AccreteProcess> workers = new ArrayList<>();
    private final RemoteJobs jobs;

    private StageProcesses(Path folder, String http, String seed, AccreteProcess coordinator) {
        this.folder = folder;
        this.seed = seed;
        this.coordinator = coordinator;
        this.jobs = new RemoteJobs(ServerAddress.of("http://" + http, Optional.empty()));
    }

    /**
     * @param folder the root of its jobs
     */
    static StageProcesses start(Path folder, int workers) throws IOException {
        String http = free();
        String seed = free();
        AccreteProcess coordinator =
                AccreteProcess.start(
                        folder,
                        logs(folder),
                        List.of(
                                "serve",
                                "--http",
                                http,
                                "--cluster",
                                seed,
                                "--workers",
                                "0",
                                "--state",
                                "state"));
        StageProcesses started = new StageProcesses(folder, http, seed, coordinator);
        try {
            started.await(() -> started.jobs.workers() != null);
            for (int worker = 0; worker < workers; worker++) {
                started.addresses.add(free());
                started.workers.add(started.worker(worker));
            }
            started.await(() -> started.jobs.workers().size() == workers);
            return started;
        } catch (IOException | RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private AccreteProcess worker(int number) throws IOException {
        return AccreteProcess.start(
                folder,
                logs(folder),
                List.of(
                        "worker",
                        "--workers",
                        "1",
                        "--cluster",
                        addresses.get(number),
                        "--seed",
                        seed));
    }

    /** What processes say goes with the folder of the test. */
    private static Path logs(Path folder) throws IOException {
        return Files.createDirectories(folder.resolve("logs"));
    }

    private static String free() {
        return "127.0.0.1:" + FreePort.next();
    }

    private interface Condition {
        boolean holds() throws ServerException, InterruptedException;
    }

    private void await(Condition condition) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(ServerException.class)
                .until(condition::holds);
    }

    String submit(String job) throws ServerException, InterruptedException {
        return jobs.submit(new JobDocument(JobKind.TRAIN, null, "job.yml", job, "out", null), "key")
                .id();
    }

    RemoteJobs jobs() {
        return jobs;
    }

    JobResource await(String job, Predicate<JobResource> condition) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(ServerException.class)
                .until(() -> jobs.show(job), condition);
    }

    /** Numbers of the workers that hold stages of a job, sorted. */
    List<Integer> holders(String job) throws ServerException, InterruptedException {
        List<String> names = jobs.show(job).running().stream().map(task -> task.worker()).toList();
        List<Long> pids =
                jobs.workers().stream()
                        .filter(view -> names.contains(view.worker()))
                        .map(WorkerView::pid)
                        .toList();
        List<Integer> holders = new ArrayList<>();
        for (int worker = 0; worker < workers.size(); worker++) {
            if (pids.contains(workers.get(worker).pid())) {
                holders.add(worker);
            }
        }
        return holders;
    }

    AccreteProcess process(int worker) {
        return workers.get(worker);
    }

    /** As if its supervisor did. */
    void startAgain(int worker) throws IOException {
        workers.set(worker, worker(worker));
    }

    @Override
    public void close() throws IOException {
        jobs.close();
        List<AccreteProcess> all = new ArrayList<>(workers);
        all.add(coordinator);
        for (AccreteProcess process : all) {
            try {
                process.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
