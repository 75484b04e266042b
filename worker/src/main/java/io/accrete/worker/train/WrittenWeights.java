package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.train.WrittenShard;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorFile;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The weights of a result before its folder is whole, mapped. */
public final class WrittenWeights implements WeightSource {
    private final Map<String, Place> places = new HashMap<>();

    private record Place(TensorFile file, long offset, Entry entry) {}

    /**
     * @param scope how long the tensors live
     */
    public WrittenWeights(
            Path folder, List<WrittenShard> shards, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        for (WrittenShard shard : shards) {
            SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard.file()));
            TensorFile mapped =
                    new TensorFile(arithmetic, scope, file.path(), file.identity().size());
            for (Entry entry : file.header().entries()) {
                places.put(entry.name(), new Place(mapped, file.header().offset(entry), entry));
            }
        }
    }

    /** A tied matrix stands under one of its two names. */
    @Override
    public Tensor tensor(String name) {
        Place place = places.get(name);
        if (place == null && name.equals(LlamaConfig.EMBEDDING)) {
            place = places.get(LlamaConfig.HEAD);
        }
        if (place == null) {
            throw new IllegalArgumentException("the result has no weights of `" + name + "`");
        }
        return place.file()
                .tensor(place.entry().spec().dtype(), place.offset(), place.entry().spec().shape());
    }
}
