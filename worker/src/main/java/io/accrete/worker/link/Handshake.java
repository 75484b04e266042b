package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkSecret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How the two ends of an edge come to believe each other. Both show that they know the secret of
 * the round; it never goes over the connection, and what is shown cannot be used again.
 */
final class Handshake {
    static final int NONCE_BYTES = 16;
    static final int PROOF_BYTES = 32;
    static final int CHALLENGE_BYTES = NONCE_BYTES + PROOF_BYTES;
    static final int HELLO_BYTES_MAX = 512;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Why an edge is not opened. */
    static final int NOT_YET = 1;

    static final int OVER = 2;
    static final int TAKEN = 3;
    static final int DENIED = 4;

    private Handshake() {}

    /**
     * What a connection is for.
     *
     * @param job identity of the training
     */
    record Purpose(String job, long epoch, int edge) {}

    /** The first words of who connects. */
    record Hello(Purpose purpose, byte[] nonce) {}

    static byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    static void sayHello(FrameChannel channel, Purpose purpose, byte[] nonce) throws IOException {
        byte[] job = purpose.job().getBytes(StandardCharsets.UTF_8);
        if (job.length > HELLO_BYTES_MAX - NONCE_BYTES) {
            throw new LinkException("the name of the job is too long: " + purpose.job());
        }
        ByteBuffer payload = ByteBuffer.allocate(NONCE_BYTES + job.length);
        payload.put(nonce).put(job).flip();
        say(channel, FrameKind.HELLO, purpose, payload);
    }

    static Hello hearHello(FrameChannel channel) throws IOException {
        Frame frame = channel.read();
        if (frame.kind() != FrameKind.HELLO || frame.payloadBytes() < NONCE_BYTES) {
            throw new LinkException("a connection that does not say what it is for");
        }
        byte[] payload = payload(channel, frame);
        String job =
                new String(
                        payload, NONCE_BYTES, payload.length - NONCE_BYTES, StandardCharsets.UTF_8);
        return new Hello(
                new Purpose(job, frame.epoch(), frame.edge()), Arrays.copyOf(payload, NONCE_BYTES));
    }

    static void challenge(FrameChannel channel, LinkSecret secret, Hello hello, byte[] nonce)
            throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(CHALLENGE_BYTES);
        payload.put(nonce).put(proof(secret, "server", hello.purpose(), hello.nonce(), nonce));
        say(channel, FrameKind.CHALLENGE, hello.purpose(), payload.flip());
    }

    /**
     * @return what refuses the edge; 0 if it is open
     */
    static int answer(FrameChannel channel, LinkSecret secret, Purpose purpose, byte[] own)
            throws IOException {
        Frame frame = channel.read();
        if (frame.kind() == FrameKind.REFUSED) {
            return frame.sequence();
        }
        byte[] payload = payload(channel, frame);
        if (frame.kind() != FrameKind.CHALLENGE || payload.length != CHALLENGE_BYTES) {
            throw new LinkException("what answers does not speak this protocol");
        }
        byte[] nonce = Arrays.copyOf(payload, NONCE_BYTES);
        byte[] shown = Arrays.copyOfRange(payload, NONCE_BYTES, CHALLENGE_BYTES);
        if (!MessageDigest.isEqual(shown, proof(secret, "server", purpose, own, nonce))) {
            throw new LinkException("what answers does not know the secret of this round");
        }
        byte[] proof = proof(secret, "client", purpose, own, nonce);
        say(channel, FrameKind.PROOF, purpose, ByteBuffer.wrap(proof));
        return 0;
    }

    static boolean isProved(FrameChannel channel, LinkSecret secret, Hello hello, byte[] nonce)
            throws IOException {
        Frame frame = channel.read();
        byte[] shown = payload(channel, frame);
        return frame.kind() == FrameKind.PROOF
                && MessageDigest.isEqual(
                        shown, proof(secret, "client", hello.purpose(), hello.nonce(), nonce));
    }

    private static void say(
            FrameChannel channel, FrameKind kind, Purpose purpose, ByteBuffer payload)
            throws IOException {
        Frame plain = Frame.of(kind, purpose.epoch(), purpose.edge(), 0);
        channel.write(plain.with(payload), payload);
    }

    /** Of a handshake: a few hundred bytes at most. */
    private static byte[] payload(FrameChannel channel, Frame frame) throws IOException {
        if (frame.payloadBytes() > HELLO_BYTES_MAX) {
            throw new LinkException("a frame that does not belong into a handshake");
        }
        byte[] payload = new byte[frame.payloadBytes()];
        channel.readPayload(frame, ByteBuffer.wrap(payload));
        return payload;
    }

    private static byte[] proof(
            LinkSecret secret, String side, Purpose purpose, byte[] client, byte[] server) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            byte[] key = secret.hex().getBytes(StandardCharsets.US_ASCII);
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(side.getBytes(StandardCharsets.US_ASCII));
            mac.update(client);
            mac.update(server);
            mac.update(
                    ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                            .putLong(purpose.epoch())
                            .putInt(purpose.edge())
                            .flip());
            return mac.doFinal(purpose.job().getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK has HmacSHA256", e);
        }
    }
}
