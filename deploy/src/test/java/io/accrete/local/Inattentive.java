package io.accrete.local;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.job.Problem;

import java.util.List;

/** Listens to nothing that a training tells; whoever extends it, to some of it. */
class Inattentive implements TrainListener {
    @Override
    public void planned(
            String model,
            long parameters,
            long trained,
            int stages,
            int steps,
            List<Problem> warnings) {}

    @Override
    public void resumed(int step) {}

    @Override
    public void figures(JsonNode line) {}

    @Override
    public void note(String sentence) {}
}
