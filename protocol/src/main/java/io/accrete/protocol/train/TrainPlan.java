package io.accrete.protocol.train;

import io.accrete.protocol.merge.Site;

import java.util.List;

/**
 * How a phase of a training job is carried out. The cut decides where work is done, never what
 * comes out.
 *
 * @param job as far as this phase goes
 * @param sites lineage of every layer
 * @param layers for each site the layer of the job's model that it comes from
 * @param branchFactors for each site what {@code o_proj} and {@code down_proj} of that layer are
 *     multiplied with
 * @param added what the model has beside its own parameters while it is trained
 * @param parameters in the order of their names
 * @param stages in the order in which a micro-batch goes through them
 * @param recompute whether stages keep the inputs of layers only
 * @param edgeDepth messages that an edge between two stages holds
 */
public record TrainPlan(
        TrainJob job,
        List<Site> sites,
        List<Integer> layers,
        List<Double> branchFactors,
        AddedParameters added,
        List<ParameterSettings> parameters,
        List<StagePlan> stages,
        boolean recompute,
        int edgeDepth) {
    public TrainPlan {
        sites = List.copyOf(sites);
        layers = List.copyOf(layers);
        branchFactors = List.copyOf(branchFactors);
        parameters = List.copyOf(parameters);
        stages = List.copyOf(stages);
    }

    /**
     * @param slices of its sites, in the order of the model
     * @param memory what it will need
     * @param actions of a step, in order
     */
    public record StagePlan(List<SiteRange> slices, StageMemory memory, List<StageAction> actions) {
        public StagePlan {
            slices = List.copyOf(slices);
            actions = List.copyOf(actions);
        }
    }
}
