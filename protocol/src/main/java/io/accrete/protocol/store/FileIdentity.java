package io.accrete.protocol.store;

/**
 * What makes a weight file the same file as before: enough to notice that it was replaced,
 * truncated or edited, without reading its data.
 *
 * @param path absolute path, as the nodes of a cluster see it
 * @param size bytes of the whole file
 * @param modifiedNanos time of last modification, nanoseconds since 1970
 * @param headerSha256 SHA-256 of the safetensors header (length prefix included), in hex
 */
public record FileIdentity(String path, long size, long modifiedNanos, String headerSha256) {

    /** Whether {@code now} shows the file that this identity was taken of; its path may differ. */
    public boolean stillIs(FileIdentity now) {
        return size == now.size
                && modifiedNanos == now.modifiedNanos
                && headerSha256.equals(now.headerSha256);
    }
}
