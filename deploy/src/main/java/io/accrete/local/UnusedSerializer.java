package io.accrete.local;

import akka.serialization.JSerializer;

import org.jspecify.annotations.Nullable;

/**
 * Stands in for every serializer that a process without remoting has no use for: Akka makes each
 * one that is configured when it starts, and cannot be told to make fewer. All of these are equal,
 * since Akka wants one serializer for one identifier.
 */
final class UnusedSerializer extends JSerializer {
    /** Of no other serializer: those up to 40 are Akka's own. */
    private static final int IDENTIFIER = 4712;

    UnusedSerializer() {}

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public boolean includeManifest() {
        return false;
    }

    @Override
    public byte[] toBinary(Object message) {
        throw new UnsupportedOperationException(
                "no message leaves this process, not even " + message.getClass().getName());
    }

    @Override
    public Object fromBinaryJava(byte[] bytes, @Nullable Class<?> manifest) {
        throw new UnsupportedOperationException("no message enters this process");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UnusedSerializer;
    }

    @Override
    public int hashCode() {
        return IDENTIFIER;
    }
}
