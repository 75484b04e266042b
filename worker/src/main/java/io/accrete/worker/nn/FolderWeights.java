package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.TensorLocation;
import io.accrete.protocol.model.WeightFile;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorFile;
import io.accrete.worker.tensor.TensorScope;

import java.util.HashMap;
import java.util.Map;

/**
 * The weights of a model folder, mapped into memory. A head that is tied has the embedding's name,
 * whichever of the two the file uses.
 */
public final class FolderWeights implements WeightSource {
    private final ModelFolder folder;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final Map<Integer, TensorFile> files = new HashMap<>();

    /**
     * @param scope how long the tensors live
     */
    public FolderWeights(ModelFolder folder, LlamaArithmetic arithmetic, TensorScope scope) {
        this.folder = folder;
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    @Override
    public Tensor tensor(String name) {
        TensorLocation location = folder.tensors().get(name);
        if (location == null && name.equals(LlamaConfig.EMBEDDING)) {
            location = folder.tensors().get(LlamaConfig.HEAD);
        }
        if (location == null || !location.isPresent()) {
            throw new IllegalArgumentException(
                    "%s has no weights of `%s`".formatted(folder.path(), name));
        }
        WeightFile file = folder.files().get(location.file());
        TensorFile mapped =
                files.computeIfAbsent(
                        location.file(),
                        index ->
                                new TensorFile(
                                        arithmetic,
                                        scope,
                                        file.path(),
                                        file.identity().orElseThrow().size()));
        return mapped.tensor(location.spec().dtype(), location.offset(), location.spec().shape());
    }
}
