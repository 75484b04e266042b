package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.TrainJob;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which parameters a job adds to the sites of a model. */
public final class AddedRules {
    private AddedRules() {}

    public static AddedParameters of(TrainJob job, Lineage lineage) {
        SortedMap<Integer, Double> gates = new TreeMap<>();
        Optional<GateSettings> settings = job.clones().gates();
        for (Site site : lineage.sites()) {
            if (settings.isPresent() && isGated(settings.get().where(), site)) {
                double share = 1.0 / site.copies();
                gates.put(site.site(), settings.get().init().orElse(share));
            }
        }
        boolean perChannel =
                settings.filter(own -> own.kind() == GateSettings.Kind.CHANNEL).isPresent();
        return new AddedParameters(gates, perChannel, job.lora());
    }

    private static boolean isGated(GateSettings.Where where, Site site) {
        return switch (where) {
            case GateSettings.Where.Clones() -> site.occurrence() > 0;
            case GateSettings.Where.AllCopies() -> site.copies() > 1;
            case GateSettings.Where.Listed(var sites) -> sites.contains(site.site());
        };
    }
}
