package io.accrete.cli;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.FolderFault;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.worker.inference.LoadedModel;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.DeviceAbsentException;
import io.accrete.worker.tensor.PresentDevice;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which model a command computes with, and on what. */
final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "a model folder, or org/name")
    private String model = "";

    @Mixin private ModelSearch models = new ModelSearch();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "processor threads to compute with (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--device",
            paramLabel = "cpu|cuda:N",
            defaultValue = "cpu",
            converter = DeviceName.class,
            description = "what to compute on (default cpu)")
    private ComputeDevice device = new ComputeDevice.Cpu();

    /** A device as the command line spells it. */
    static final class DeviceName implements ITypeConverter<ComputeDevice> {
        @Override
        public ComputeDevice convert(String name) {
            try {
                return ComputeDevice.parse(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** As it was asked for. */
    String name() {
        return model;
    }

    /**
     * Opens the model on this thread.
     *
     * @throws Refusal if it is not there, has mistakes, or cannot be computed with
     */
    LoadedModel open(Surroundings surroundings) throws Refusal {
        return open(folder(surroundings), device, threads);
    }

    static LoadedModel open(ModelFolder folder, ComputeDevice device, int threads) throws Refusal {
        List<Problem> errors =
                folder.findings().stream().map(Problem::of).filter(Problem::isError).toList();
        if (!errors.isEmpty()) {
            throw new Refusal(ExitCode.INVALID_INPUT, errors);
        }
        if (!folder.weightsPresent()) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    FolderFault.WEIGHTS_ABSENT.code(),
                    folder.path().toString(),
                    "not all weights are there",
                    "download them first");
        }
        try {
            PresentDevice.of(device);
            return LoadedModel.open(folder, device, threads);
        } catch (DeviceAbsentException e) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT, "CLU-109", "", "--device: " + e.getMessage(), e.fix());
        } catch (ModelFileException e) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    e.fault().code(),
                    folder.path().toString(),
                    e.sentence(),
                    e.fault().fix());
        }
    }

    private ModelFolder folder(Surroundings surroundings) throws Refusal {
        ModelLocator.Search search = models.locator(surroundings).locate(model, Optional.empty());
        Path found =
                search.folder()
                        .orElseThrow(
                                () ->
                                        Refusal.of(
                                                ExitCode.INVALID_INPUT,
                                                FolderFault.NO_FOLDER.code(),
                                                model,
                                                "there is no such model; " + search.where(),
                                                FolderFault.NO_FOLDER.fix()));
        return ModelFolder.open(found.normalize());
    }
}
