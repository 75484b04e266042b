package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.PipelineSchedule;
import io.accrete.protocol.train.StageKeys;
import io.accrete.protocol.train.StageLoad;
import io.accrete.protocol.train.StepFigures;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the stages of a training shared the time of a step, as its metrics say it. */
final class StageLoads {
    private static final double MICROS = 1e6;

    private StageLoads() {}

    /**
     * @param figures of stages that have said it
     */
    static Map<String, Object> of(StepFigures figures, PipelineSchedule schedule) {
        List<StageLoad> loads = List.copyOf(figures.loads().values());
        double longest = loads.stream().mapToDouble(StageLoad::seconds).max().orElseThrow();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(StageKeys.BUBBLE, bubble(loads, longest));
        line.put(StageKeys.BUBBLE_OF_EVEN_STAGES, schedule.bubbleOfEvenStages());
        List<Map<String, Object>> stages = new ArrayList<>();
        for (StageLoad load : loads) {
            Map<String, Object> stage = new LinkedHashMap<>();
            stage.put(StageKeys.FORWARD, rounded(load.forwardSeconds()));
            stage.put(StageKeys.BACKWARD, rounded(load.backwardSeconds()));
            stage.put(StageKeys.WAITING, rounded(longest - load.busySeconds()));
            stage.put(StageKeys.RESIDENT, load.residentBytes());
            stages.add(stage);
        }
        line.put(StageKeys.STAGES, stages);
        return line;
    }

    /** The share of the stages' time in which they wait, from the first pass to the last. */
    private static double bubble(List<StageLoad> loads, double longest) {
        double busy = loads.stream().mapToDouble(StageLoad::busySeconds).sum();
        return longest == 0 ? 0 : rounded(Math.max(0, 1 - busy / (longest * loads.size())));
    }

    private static double rounded(double value) {
        return Math.round(MICROS * value) / MICROS;
    }
}
