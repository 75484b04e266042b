package io.accrete.protocol.wire;

/** Marks what may travel between processes; bound to CBOR in {@code reference.conf}. */
public interface Wire {}
