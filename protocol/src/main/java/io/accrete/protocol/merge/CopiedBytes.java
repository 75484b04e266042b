package io.accrete.protocol.merge;

/** What is done with the bytes of copied tensors, beside moving them. */
public enum CopiedBytes {
    /** Nothing: the receipt names the source. */
    MOVED,
    /** They are read, and searched for NaN and infinities. */
    SCANNED,
    /** As {@link #SCANNED}, and the receipt has their digests too. */
    DIGESTED
}
