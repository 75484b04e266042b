package io.accrete.coordinator.plan;

/**
 * The file system that the output will lie on.
 *
 * @param type as the operating system calls it, e.g. {@code xfs}
 * @param freeBytes that this user may still write
 * @param blockBytes unit in which files can share data
 * @param sharesBlocks whether a range copy within it can share blocks instead of copying them
 */
public record Volume(String type, long freeBytes, int blockBytes, boolean sharesBlocks) {
    /** Block size of every file system that is known to share blocks. */
    public static final int BLOCK_BYTES = 4096;

    /** A file system of which nothing is known but that it has room. */
    public static final Volume UNKNOWN = new Volume("unknown", Long.MAX_VALUE, BLOCK_BYTES, false);
}
