package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.train.SiteRange;
import io.accrete.worker.data.DataException;
import io.accrete.worker.tensor.LlamaArithmetic;

import java.util.List;

/**
 * Branches that end in zeros on the disk behind gates that start shut. Those that the job itself
 * makes zero are seen when it is planned.
 */
final class DeadBranches {
    private DeadBranches() {}

    /**
     * @throws DataException if one of the stage's sites has one
     */
    static void refuse(StageSetup setup, StageParameters parameters, LlamaArithmetic arithmetic)
            throws DataException {
        for (SiteRange slice : setup.map().slices(setup.stage())) {
            for (int site = slice.first(); site < slice.end(); site++) {
                if (setup.map().added().startsShut(site)) {
                    refuse(setup, site, Projection.O, parameters, arithmetic);
                    refuse(setup, site, Projection.DOWN, parameters, arithmetic);
                }
            }
        }
    }

    private static void refuse(
            StageSetup setup,
            int site,
            Projection end,
            StageParameters parameters,
            LlamaArithmetic arithmetic)
            throws DataException {
        String name = LlamaConfig.layerTensor(site, end.weight());
        if (arithmetic.squares(List.of(parameters.of(name).value()))[0] == 0) {
            throw new DataException(
                    "TRN-114",
                    setup.folder().path(),
                    0,
                    "`%s` is zero in the model, and its gate starts at zero: neither would ever"
                                    .formatted(name)
                            + " learn",
                    "write `gates: {init: 1}`, or another number than 0",
                    null);
        }
    }
}
