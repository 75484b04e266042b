package io.accrete.worker.train;

import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Low-rank matrices as a folder in PEFT's format, beside the model that they are merged into. */
public final class AdapterExport implements Stage.TensorSink, AutoCloseable {
    private final Optional<ModelExport> file;
    private final Path folder;

    private AdapterExport(Optional<ModelExport> file, Path folder) {
        this.file = file;
        this.folder = folder;
    }

    /**
     * Nothing at all where the training has no low-rank matrices.
     *
     * @param model the folder that is published
     */
    public static AdapterExport into(Path model, PlannedTraining planned, TrainingModel trained)
            throws IOException {
        Path folder = model.resolve(PeftAdapter.FOLDER);
        if (planned.job().lora().isEmpty()) {
            return new AdapterExport(Optional.empty(), folder);
        }
        LoraSettings lora = planned.job().lora().get();
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        planned.last()
                .plan()
                .added()
                .shapes(trained.config().layers(), (_, target) -> trained.config().shape(target))
                .forEach(
                        (name, shape) -> {
                            if (AddedParameters.isLora(name)) {
                                String inFile = PeftAdapter.nameInFile(name);
                                tensors.put(inFile, new TensorSpec(inFile, DType.F32, shape));
                            }
                        });
        Files.createDirectories(folder);
        Files.write(
                folder.resolve(PeftAdapter.CONFIG),
                PeftAdapter.config(
                        planned.sources().model().path(),
                        lora.rank(),
                        lora.alpha(),
                        lora.targets()));
        return new AdapterExport(
                Optional.of(ModelExport.file(folder, PeftAdapter.WEIGHTS, tensors)), folder);
    }

    @Override
    public void tensor(String name, Tensor value, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        if (file.isPresent()) {
            file.get().tensor(PeftAdapter.nameInFile(name), value, arithmetic, scope);
        }
    }

    /** Waits for the disk. */
    public void finish() throws IOException {
        if (file.isPresent()) {
            file.get().finish();
            sync(folder.resolve(PeftAdapter.CONFIG));
            sync(folder);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
