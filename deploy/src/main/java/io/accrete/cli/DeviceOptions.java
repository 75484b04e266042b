package io.accrete.cli;

import io.accrete.coordinator.finetune.StageDevices;
import io.accrete.protocol.job.StageBudget;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.DeviceAbsentException;
import io.accrete.worker.tensor.PresentDevice;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;

/** What a training on this machine computes on. */
final class DeviceOptions {
    private static final ComputeDevice CPU = new ComputeDevice.Cpu();

    @Option(
            names = "--devices",
            paramLabel = "cpu|cuda:N,...",
            defaultValue = "cpu",
            description = {
                "what the stages are computed on: cpu, or GPUs of one kind, over which they are",
                "spread (--workers stages, by default one for each; default cpu)"
            })
    private String devices = "cpu";

    /** Whether anything but the processor is asked for. */
    boolean isGiven() {
        return !devices.equals(CPU.toString());
    }

    /**
     * @throws Refusal if devices of this machine are named for what a server does
     */
    void refuseForServer() throws Refusal {
        if (isGiven()) {
            throw refusal(
                    ExitCode.USAGE,
                    "it names what is on this machine, and a server does the work, whose workers"
                            + " have devices of their own",
                    "leave it out");
        }
    }

    /**
     * What is there of that; GPUs are computed on once.
     *
     * @throws Refusal if one is not, or they do not go together
     */
    List<PresentDevice> present() throws Refusal {
        List<ComputeDevice> named;
        try {
            named = ComputeDevice.list(devices);
        } catch (IllegalArgumentException e) {
            throw refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), "name cpu, or cuda:0");
        }
        if (named.stream().distinct().count() < named.size()) {
            throw refusal(ExitCode.USAGE, "a device is named twice", "name each once");
        }
        if (named.contains(CPU) && named.size() > 1) {
            throw refusal(
                    ExitCode.USAGE,
                    "the stages of one training are on the processor or on GPUs, not on both: their"
                            + " bits differ",
                    "leave one of them out");
        }
        List<PresentDevice> present = new ArrayList<>();
        for (ComputeDevice device : named) {
            try {
                present.add(PresentDevice.of(device));
            } catch (DeviceAbsentException e) {
                throw refusal(ExitCode.INVALID_INPUT, String.valueOf(e.getMessage()), e.fix());
            }
        }
        if (present.stream().map(PresentDevice::numericClass).distinct().count() > 1) {
            throw refusal(
                    ExitCode.INVALID_INPUT,
                    "the GPUs are of different kinds, whose bits differ: "
                            + present.stream().map(PresentDevice::model).toList(),
                    "name GPUs of one model");
        }
        return present;
    }

    /**
     * What the stages may count on: the memory of the devices, where nothing else is said.
     *
     * @throws Refusal if there are fewer stages than devices
     */
    static StageBudget budget(List<PresentDevice> present, StageBudget asked, RecipeFile file)
            throws Refusal {
        if (present.getFirst().device().equals(CPU)) {
            return asked;
        }
        long least = present.stream().mapToLong(PresentDevice::memoryBytes).min().orElse(0);
        StageBudget budget =
                StageDevices.on(present.size(), least, asked, file.name(), file.text());
        if (budget.workers() < present.size()) {
            throw refusal(
                    ExitCode.USAGE,
                    "%d devices are named, and %s allows no more than %d stages"
                            .formatted(
                                    present.size(),
                                    asked.workers() > 0 ? "--workers" : "`pipeline.stages`",
                                    budget.workers()),
                    "leave that out, or name fewer devices");
        }
        return budget;
    }

    private static Refusal refusal(ExitCode code, String message, String fix) {
        return Refusal.of(code, "CLU-109", "", "--devices: " + message, fix);
    }
}
