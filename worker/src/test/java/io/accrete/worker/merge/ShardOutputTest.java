package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Runs on whatever file system the temporary folder is; both ways must leave the same bytes. */
class ShardOutputTest {
    private static final int BLOCK_BYTES = 4096;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, (4 << 20) - 1, 4 << 20, (9 << 20) + 17})
    void bothWaysLeaveTheSameBytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        Path source = Files.write(folder.resolve("source"), bytes);

        Path cached = folder.resolve("cached");
        write(new CachedOutput(cached), source, bytes);
        Path direct = folder.resolve("direct");
        write(DirectOutput.create(direct, BLOCK_BYTES), source, bytes);

        byte[] twice = new byte[2 * length];
        System.arraycopy(bytes, 0, twice, 0, length);
        System.arraycopy(bytes, 0, twice, length, length);
        assertThat(Files.readAllBytes(cached)).isEqualTo(twice);
        assertThat(Files.readAllBytes(direct)).isEqualTo(twice);
    }

    /** First from memory, then from a file. */
    private static void write(ShardOutput output, Path source, byte[] bytes) throws IOException {
        try (output;
                FileChannel channel = FileChannel.open(source)) {
            output.append(ByteBuffer.wrap(bytes));
            long done = 0;
            while (done < bytes.length) {
                done += output.append(channel, done, bytes.length - done);
            }
            output.finish();
            assertThat(output.size()).isEqualTo(2L * bytes.length);
        }
    }

    @Test
    void aSkippedRangeIsLeftToOthers() throws IOException {
        Path file = folder.resolve("file");
        try (ShardOutput output = DirectOutput.create(file, BLOCK_BYTES)) {
            output.append(ByteBuffer.wrap(new byte[] {1}));
            output.append(ByteBuffer.wrap(new byte[BLOCK_BYTES - 1]));
            output.skip(2L * BLOCK_BYTES);
            output.append(ByteBuffer.wrap(new byte[] {2}));
            output.finish();
        }

        byte[] written = Files.readAllBytes(file);
        assertThat(written).hasSize(3 * BLOCK_BYTES + 1);
        assertThat(written[0]).isEqualTo((byte) 1);
        assertThat(written[3 * BLOCK_BYTES]).isEqualTo((byte) 2);
    }

    @Test
    void theEndOfASourceIsTold() throws IOException {
        Path source = Files.write(folder.resolve("source"), new byte[10]);
        try (ShardOutput output =
                        ShardOutput.create(folder.resolve("file"), Files.getFileStore(folder));
                FileChannel channel = FileChannel.open(source)) {
            assertThat(output.append(channel, 4, 100)).isEqualTo(6);
            assertThat(output.append(channel, 10, 100)).isZero();
        }
    }

    @Test
    void whatWasThereIsGone() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[100]);
        try (ShardOutput output = ShardOutput.create(file, Files.getFileStore(folder))) {
            output.append(ByteBuffer.wrap(new byte[3]));
            output.finish();
        }

        assertThat(file).hasBinaryContent(new byte[3]);
    }
}
