package io.accrete.worker.train;

import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorFile;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a checkpoint by name, as copies; none without a checkpoint. Its files are mapped
 * until this is closed: one that is deleted meanwhile takes its room on the disk until then.
 */
final class StateSource implements AutoCloseable {
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final TensorScope mapping;
    private final Map<String, Place> places = new HashMap<>();

    private record Place(TensorFile file, long offset, Entry entry) {}

    /**
     * @param scope how long the copies live
     */
    StateSource(Optional<Checkpoint> checkpoint, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        this.arithmetic = arithmetic;
        this.scope = scope;
        this.mapping = scope.child();
        if (checkpoint.isEmpty()) {
            return;
        }
        for (CheckpointPart part : checkpoint.get().parts()) {
            Path path = Path.of(checkpoint.get().folder()).resolve(part.file());
            SafetensorsFile file = SafetensorsFile.open(path);
            TensorFile mapped =
                    new TensorFile(arithmetic, mapping, file.path(), file.identity().size());
            for (Entry entry : file.header().entries()) {
                places.put(entry.name(), new Place(mapped, file.header().offset(entry), entry));
            }
        }
    }

    Optional<Tensor> value(String parameter) {
        return copy(PartFile.VALUE + parameter);
    }

    Optional<Tensor> first(String parameter) {
        return copy(PartFile.FIRST + parameter);
    }

    Optional<Tensor> second(String parameter) {
        return copy(PartFile.SECOND + parameter);
    }

    /** Steps that it has taken. */
    Optional<Tensor> count(String parameter) {
        return copy(PartFile.COUNT + parameter);
    }

    private Optional<Tensor> copy(String name) {
        return Optional.ofNullable(places.get(name))
                .map(
                        place ->
                                place.file()
                                        .tensor(
                                                DType.F32,
                                                place.offset(),
                                                place.entry().spec().shape()))
                .map(mapped -> arithmetic.cast(mapped, DType.F32, scope));
    }

    @Override
    public void close() {
        mapping.close();
    }
}
