package io.accrete.worker.merge;

import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.FloatCodec;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a test reads back of a safetensors file. */
final class Digests {
    private Digests() {}

    /** Name to SHA-256 of the values, in hex. */
    static Map<String, String> of(Path file) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (Entry entry : SafetensorsFile.open(file).header().entries()) {
            digests.put(entry.name(), of(file, entry.name()));
        }
        return digests;
    }

    static String of(Path file, String tensor) throws IOException {
        return Sha256.hex(values(file, tensor));
    }

    static byte[] values(Path file, String tensor) throws IOException {
        SafetensorsFile opened = SafetensorsFile.open(file);
        Entry entry = opened.header().entry(tensor).orElseThrow();
        byte[] values = new byte[(int) (entry.end() - entry.begin())];
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(opened.header().headerBytes() + entry.begin());
            bytes.readFully(values);
        }
        return values;
    }

    static double[] numbers(Path file, String tensor) throws IOException {
        Entry entry = SafetensorsFile.open(file).header().entry(tensor).orElseThrow();
        ByteBuffer values = ByteBuffer.wrap(values(file, tensor));
        double[] numbers = new double[(int) entry.spec().shape().elements()];
        FloatCodec codec = FloatCodec.of(entry.spec().dtype());
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = codec.get(values, i);
        }
        return numbers;
    }
}
