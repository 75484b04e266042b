package io.accrete.protocol.train;

import java.util.List;
import java.util.Optional;

/**
 * What is looked at while the training goes on.
 *
 * @param validateEvery steps from one validation to the next
 * @param sample prompts that are continued at each validation
 */
public record MonitorSettings(
        int validateEvery, List<String> sample, Optional<SpikeSettings> spike) {
    public MonitorSettings {
        sample = List.copyOf(sample);
    }
}
