package io.accrete.protocol.model;

import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.store.StorageFailure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/**
 * Something that is wrong with a model folder, found without reading a weight.
 *
 * @param code stable, of family FMT (what files say) or STO (which files there are)
 * @param file what has the fault: the folder or a file in it
 * @param message what was found and what is allowed
 * @param fix how to mend it
 */
public record Finding(Severity severity, String code, Path file, String message, String fix) {

    public enum Severity {
        ERROR,
        WARNING
    }

    static Finding of(FolderFault fault, Path file, String message) {
        return new Finding(fault.severity(), fault.code(), file, message, fault.fix());
    }

    static Finding of(SafetensorsException e, Path file) {
        return new Finding(Severity.ERROR, e.fault().code(), file, e.sentence(), e.fault().fix());
    }

    static Finding of(ModelFileException e, Path file) {
        return of(e.fault(), file, e.sentence());
    }

    /** The operating system or the disk refused. */
    static Finding unreadable(Path file, IOException e) {
        String reason =
                e instanceof AccessDeniedException
                        ? "this user may not read it"
                        : StorageFailure.reason(e);
        return of(FolderFault.NOT_READABLE, file, "reading failed: " + reason);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
