package io.accrete.protocol.model;

import java.io.IOException;

/** Says in one sentence what is wrong with a text file of a model. */
public final class ModelFileException extends IOException {

    private static final long serialVersionUID = 1L;

    private final FolderFault fault;
    private final String sentence;

    public ModelFileException(FolderFault fault, String sentence) {
        super(sentence);
        this.fault = fault;
        this.sentence = sentence;
    }

    public FolderFault fault() {
        return fault;
    }

    /** What was found and what is allowed, without the name of the file. */
    public String sentence() {
        return sentence;
    }
}
