package io.accrete.protocol.train;

import java.util.List;

/**
 * The texts of a training job and how rows are made of them.
 *
 * @param train files, as the job names them
 * @param validation files; empty where none is run
 * @param sequenceLength ids per row; a row of L ids has L-1 targets
 * @param pack rows are filled over the ends of documents
 */
public record DataSettings(
        List<String> train,
        List<String> validation,
        int sequenceLength,
        boolean shuffle,
        boolean pack) {
    public DataSettings {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }
}
