package io.accrete.protocol.train;

import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;

import java.util.List;
import java.util.Optional;

/**
 * What a training reads.
 *
 * @param teacher of a distillation, if it is a model of its own
 * @param adapter that low-rank matrices start from
 * @param train texts in the order of the job
 * @param validation texts in the order of the job
 */
public record TrainSources(
        Folder model,
        Optional<Folder> teacher,
        Optional<Folder> adapter,
        List<DataFile> train,
        List<DataFile> validation) {
    public TrainSources {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /**
     * A folder with weights.
     *
     * @param path absolute
     * @param weights the files in it
     */
    public record Folder(String path, List<FileIdentity> weights) {
        public Folder {
            weights = List.copyOf(weights);
        }
    }
}
