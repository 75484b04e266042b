package io.accrete.protocol.train;

import java.util.List;
import java.util.Optional;

/**
 * How one parameter learns.
 *
 * @param name its only name: of a tied parameter, that of its first site
 * @param sites names of the tensors that it stands for, in ascending order of sites; one, itself,
 *     where it is not tied
 * @param trained whether it learns at all
 * @param rateMultiplier of the learning rate
 * @param decays whether weight decay applies
 * @param clamp range that its values are moved back into after each step
 */
public record ParameterSettings(
        String name,
        List<String> sites,
        boolean trained,
        double rateMultiplier,
        boolean decays,
        Optional<GateSettings.Clamp> clamp) {
    public ParameterSettings {
        sites = List.copyOf(sites);
    }
}
