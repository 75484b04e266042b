package io.accrete.worker.link;

import java.util.Arrays;
import java.util.Optional;

/** What a frame is. */
enum FrameKind {
    /** Who connects says which edge it is for. */
    HELLO(1, Handshake.HELLO_BYTES_MAX),
    /** The other side proves that it knows the secret, and asks for the same. */
    CHALLENGE(2, Handshake.CHALLENGE_BYTES),
    PROOF(3, Handshake.PROOF_BYTES),
    /** The edge is open; {@code sequence} is the first credit. */
    WELCOME(4, 0),
    /** The edge is not open; {@code sequence} says why. */
    REFUSED(5, 0),
    /** A piece of a message. */
    DATA(6, Frame.CHUNK_BYTES),
    /** {@code sequence} messages may have been begun since the edge was opened. */
    CREDIT(7, 0),
    /** The sender is alive and has nothing to say. */
    PING(8, 0);

    private final int code;
    private final int payloadBytesMax;

    FrameKind(int code, int payloadBytesMax) {
        this.code = code;
        this.payloadBytesMax = payloadBytesMax;
    }

    byte code() {
        return (byte) code;
    }

    int payloadBytesMax() {
        return payloadBytesMax;
    }

    static Optional<FrameKind> of(byte code) {
        return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
    }
}
