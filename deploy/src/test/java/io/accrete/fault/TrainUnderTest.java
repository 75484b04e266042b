package io.accrete.fault;

import io.accrete.oracle.SmallModel;
import io.accrete.oracle.UntimedMetrics;
import io.accrete.oracle.Weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A small training that processes do, and what it must come to whatever befalls them. */
final class TrainUnderTest {
    static final int STEPS = 60;

    /** The model lies beside the job file, since a server has its roots. */
    private static final String JOB =
            """
            model: base
            sites: [0, 1, 2, 1, 2, 3, 4]
            clones: {tie: true, learning_rate: 1/k}
            data: {train: [text.txt], validation: [text.txt], sequence_length: 33}
            batch: {micro_batch: 2, accumulate: 3}
            optimizer: {learning_rate: 0.001, warmup_steps: 2}
            steps: %d
            checkpoint: {every: 7, keep: 2}
            monitor: {validate_every: 20}
            pipeline: {stages: 2}
            """
                    .formatted(STEPS);

    private final Path folder;
    private final String command;
    private final String job;

    private TrainUnderTest(Path folder, String command, String job) {
        this.folder = folder;
        this.command = command;
        this.job = job;
    }

    static TrainUnderTest in(Path folder) throws IOException {
        return in(folder, "train", JOB);
    }

    /**
     * In three stages, with steps that take long enough to be killed in, and old checkpoints; what
     * goes between processes has states of a teacher and chosen ids too.
     */
    static TrainUnderTest spreadIn(Path folder, int steps) throws IOException {
        String job =
                "distill: {teacher: base, weight: 0.3, hidden: [1, 5, 6]}\n"
                        + JOB.replace("stages: 2", "stages: 3")
                                .replace("accumulate: 3", "accumulate: 12")
                                .replace("keep: 2", "keep: 20")
                                .replace("every: 20}", "every: 20, sample: [Once upon a time]}")
                                .replace("steps: " + STEPS, "steps: " + steps);
        return in(folder, "train", job);
    }

    /** In one stage, whose states are [4, 256, 64]. */
    static TrainUnderTest longRunningIn(Path folder, int steps) throws IOException {
        String job =
                JOB.replace("stages: 2", "stages: 1")
                        .replace("micro_batch: 2, accumulate: 3", "micro_batch: 4, accumulate: 1")
                        .replace("sequence_length: 33", "sequence_length: 257")
                        .replace("steps: " + STEPS, "steps: " + steps);
        return in(folder, "train", job);
    }

    /**
     * As many steps, a third of them before anything is inserted, then two rounds, the borders of
     * which are no checkpoints of their own.
     */
    static TrainUnderTest growingIn(Path folder) throws IOException {
        String growth =
                "grow: {steps_before: 20, rounds: [{after_site: [1, 3]}, {after_site: 0}]}\n";
        String tied = "clones: {tie: true, learning_rate: 1/k}\n";
        String job = JOB.replace(tied, growth).replace("steps: " + STEPS, "steps: " + STEPS / 3);
        return in(folder, "grow", job);
    }

    /** One round, which a plateau could end, and the base that comes after it. */
    static TrainUnderTest judgedIn(Path folder) throws IOException {
        String growth =
                "grow: {rounds: [{after_site: 1}], plateau: {patience: 9}}\nbaseline: true\n";
        String tied = "clones: {tie: true, learning_rate: 1/k}\n";
        String sites = "sites: [0, 1, 2, 1, 2, 3, 4]\n";
        return in(folder, "grow", JOB.replace(tied, growth).replace(sites, ""));
    }

    private static TrainUnderTest in(Path folder, String command, String job) throws IOException {
        String text = "Once upon a time there was a little dog. It liked to play in the sun.\n";
        Files.writeString(folder.resolve("text.txt"), text.repeat(40));
        SmallModel.copyTo(folder.resolve("base"));
        Files.writeString(folder.resolve("job.yml"), job);
        return new TrainUnderTest(folder, command, job);
    }

    /** From now on it is started over so many stages. */
    void cut(int stages) throws IOException {
        Files.writeString(folder.resolve("job.yml"), job.replace("stages: 2", "stages: " + stages));
    }

    String job() {
        return job;
    }

    Path staging(String output) {
        return folder.resolve("." + output + ".accrete");
    }

    AccreteProcess start(String output) throws IOException {
        return AccreteProcess.start(folder, folder, List.of(command, "--json", "job.yml", output));
    }

    /** The digest of every tensor of a result. */
    Map<String, String> weights(String output) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Weights.read(folder.resolve(output))
                .tensors()
                .forEach((name, tensor) -> digests.put(name, tensor.sha256()));
        return digests;
    }

    /** The metrics without the times. */
    List<String> metrics(String output) throws IOException {
        return UntimedMetrics.of(folder.resolve(output));
    }
}
