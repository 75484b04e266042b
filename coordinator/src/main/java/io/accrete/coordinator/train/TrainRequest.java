package io.accrete.coordinator.train;

import java.util.List;
import java.util.Optional;

/**
 * What a plan is made of.
 *
 * @param parsed a job without errors of its own
 * @param model that it names, before its {@code sites}
 * @param teacher of a distillation, if it is a model of its own
 * @param workers that there are; a plan may use fewer
 */
public record TrainRequest(
        ParsedJob parsed,
        TrainedModel model,
        Optional<TrainedModel> teacher,
        List<DeviceModel> workers) {
    public TrainRequest {
        workers = List.copyOf(workers);
    }
}
