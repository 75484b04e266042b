package io.accrete.coordinator.train;

import java.util.List;

/**
 * What a plan is made of.
 *
 * @param parsed a job without errors of its own
 * @param model that it names, before its {@code sites}
 * @param workers that there are; a plan may use fewer
 */
public record TrainRequest(ParsedJob parsed, TrainedModel model, List<DeviceModel> workers) {
    public TrainRequest {
        workers = List.copyOf(workers);
    }
}
