package io.accrete.protocol.model;

import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.FileIdentity;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A weight file of a model.
 *
 * @param name in the model folder
 * @param content what its header says; empty if it is absent or faulty
 */
public record WeightFile(String name, Path path, Optional<SafetensorsFile> content) {

    public Optional<FileIdentity> identity() {
        return content.map(SafetensorsFile::identity);
    }
}
