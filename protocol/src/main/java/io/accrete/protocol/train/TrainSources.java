package io.accrete.protocol.train;

import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;

import java.util.List;

/**
 * What a training reads.
 *
 * @param model absolute path of its folder
 * @param weights the files in it
 * @param train texts in the order of the job
 * @param validation texts in the order of the job
 */
public record TrainSources(
        String model, List<FileIdentity> weights, List<DataFile> train, List<DataFile> validation) {
    public TrainSources {
        weights = List.copyOf(weights);
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }
}
