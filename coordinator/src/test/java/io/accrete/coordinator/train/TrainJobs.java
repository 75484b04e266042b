package io.accrete.coordinator.train;

import io.accrete.protocol.train.TrainJob;

/** Jobs for tests, from the text that makes them different from the least job. */
final class TrainJobs {
    static final String LEAST = "model: m\ndata: {train: [a.txt]}\n";

    private TrainJobs() {}

    static TrainJob of(String lines) {
        ParsedJob parsed = JobReader.read("job.yml", LEAST + lines);
        if (parsed.hasErrors()) {
            throw new IllegalArgumentException(parsed.problems().toString());
        }
        return parsed.job().orElseThrow();
    }
}
