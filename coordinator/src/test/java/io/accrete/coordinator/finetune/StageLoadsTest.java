package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.PipelineSchedule;
import io.accrete.protocol.train.PipelineSettings.Schedule;
import io.accrete.protocol.train.StageLoad;
import io.accrete.protocol.train.StepFigures;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class StageLoadsTest {
    private static final PipelineSchedule TWO = new PipelineSchedule(Schedule.GPIPE, 2, 4, 1);

    private static StepFigures figures(Map<Integer, StageLoad> loads) {
        return new StepFigures(
                List.of(),
                new TreeMap<>(),
                List.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(loads));
    }

    /** The second stage begins and ends with waiting, which only the first can tell. */
    @Test
    void whatIsNotBusyIsWaiting() {
        StepFigures figures =
                figures(Map.of(0, new StageLoad(1, 2, 4, 100)))
                        .with(figures(Map.of(1, new StageLoad(1, 1.5, 3, 200))));
        Map<String, Object> line = StageLoads.of(figures, TWO);
        assertThat(line)
                .containsEntry("bubble", 2.5 / 8)
                .containsEntry("bubble_of_even_stages", 0.2)
                .containsEntry(
                        "stages",
                        List.of(
                                Map.of(
                                        "forward_seconds", 1.0,
                                        "backward_seconds", 2.0,
                                        "waiting_seconds", 1.0,
                                        "resident_bytes", 100L),
                                Map.of(
                                        "forward_seconds", 1.0,
                                        "backward_seconds", 1.5,
                                        "waiting_seconds", 1.5,
                                        "resident_bytes", 200L)));
    }
}
