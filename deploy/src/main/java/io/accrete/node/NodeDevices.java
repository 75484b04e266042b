package io.accrete.node;

import io.accrete.protocol.job.Problem;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.DeviceAbsentException;
import io.accrete.worker.tensor.PresentDevice;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the workers of a node compute on. */
final class NodeDevices {
    private NodeDevices() {}

    /**
     * One for each worker; those on the processor come first. GPUs are computed on once, which
     * loads the engine.
     *
     * @throws NodeRefusal with all that are not there
     */
    static List<PresentDevice> of(NodeSettings settings) throws NodeRefusal {
        List<PresentDevice> devices =
                new ArrayList<>(Collections.nCopies(settings.workers(), PresentDevice.cpu()));
        List<Problem> problems = new ArrayList<>();
        for (ComputeDevice.Cuda gpu : settings.gpus()) {
            try {
                devices.add(PresentDevice.of(gpu));
            } catch (DeviceAbsentException e) {
                problems.add(
                        Problem.error("CLU-109", null, "--devices: " + e.getMessage(), e.fix()));
            }
        }
        if (!problems.isEmpty()) {
            throw new NodeRefusal(NodeRefusal.Kind.MACHINE, problems);
        }
        return devices;
    }
}
