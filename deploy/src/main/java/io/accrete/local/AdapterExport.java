package io.accrete.local;

import io.accrete.coordinator.merge.DurableFiles;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;
import io.accrete.worker.train.ModelExport;
import io.accrete.worker.train.Stage;
import io.accrete.worker.train.TrainingModel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** Low-rank matrices as a folder in PEFT's format, beside the model that they are merged into. */
final class AdapterExport implements Stage.TensorSink, AutoCloseable {
    static final String FOLDER = "adapter";

    private final ModelExport file;

    private AdapterExport(ModelExport file) {
        this.file = file;
    }

    /**
     * @param model the folder that is published
     */
    static AdapterExport into(
            Path model, LoraSettings lora, PlannedTraining planned, TrainingModel trained)
            throws IOException {
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        planned.plan()
                .added()
                .shapes(trained.config().layers(), (_, target) -> trained.config().shape(target))
                .forEach(
                        (name, shape) -> {
                            if (AddedParameters.isLora(name)) {
                                String inFile = PeftAdapter.nameInFile(name);
                                tensors.put(inFile, new TensorSpec(inFile, DType.F32, shape));
                            }
                        });
        Path folder = model.resolve(FOLDER);
        DurableFiles.createFolder(folder);
        DurableFiles.write(
                folder.resolve(PeftAdapter.CONFIG),
                PeftAdapter.config(
                        planned.sources().model().path(),
                        lora.rank(),
                        lora.alpha(),
                        lora.targets()));
        return new AdapterExport(ModelExport.file(folder, PeftAdapter.WEIGHTS, tensors));
    }

    @Override
    public void tensor(String name, Tensor value, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        file.tensor(PeftAdapter.nameInFile(name), value, arithmetic, scope);
    }

    /** Waits for the disk. */
    void finish() throws IOException {
        file.finish();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
