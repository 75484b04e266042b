package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Whatever the bytes are: a sentence, or a header that keeps its promises. {@code
 * -Daccrete.fuzz.seconds=N} looks longer, {@code -Daccrete.fuzz.seed=S} repeats a run.
 */
class HeaderFuzzTest {

    private static final int BATCH = 1_000;

    @Test
    void mutatedHeadersGetASentenceOrAreValid() {
        long seconds = Long.getLong("accrete.fuzz.seconds", 3);
        long seed = Long.getLong("accrete.fuzz.seed", System.nanoTime());
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        Map<SafetensorsException.Fault, Integer> seen =
                new EnumMap<>(SafetensorsException.Fault.class);
        HeaderMutation mutation = new HeaderMutation(seed);
        long files = 0;
        long valid = 0;
        do {
            for (int i = 0; i < BATCH; i++) {
                byte[] file = mutation.next();
                files++;
                try {
                    checkPromises(file);
                    valid++;
                } catch (SafetensorsException e) {
                    seen.merge(e.fault(), 1, Integer::sum);
                    assertThat(e.sentence())
                            .as("seed %d, file %d", seed, files)
                            .isNotBlank()
                            .hasSizeLessThan(2_000)
                            .doesNotContainPattern("\\p{Cntrl}");
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("seed %d, file %d: %s".formatted(seed, files, e), e);
                }
            }
        } while (System.nanoTime() < deadline);
        System.out.printf(
                "fuzz: %,d files in %d s from seed %d, %,d valid, others %s%n",
                files, seconds, seed, valid, seen);
        assertThat(valid).as("some are valid").isPositive();
        assertThat(seen).as("many faults are met").hasSizeGreaterThan(10);
    }

    private static void checkPromises(byte[] file) throws SafetensorsException {
        SafetensorsHeader header = SafetensorsHeader.validate(file, file.length);
        long next = 0;
        for (Entry entry : header.entries()) {
            assertThat(entry.begin()).isEqualTo(next);
            assertThat(entry.bytes()).isEqualTo(entry.spec().bytes());
            next = entry.end();
        }
        assertThat(header.headerBytes() + next).isEqualTo(file.length);
        List<TensorSpec> specs = header.entries().stream().map(Entry::spec).toList();
        byte[] again = ShardHeader.encode(specs, header.metadata(), 0);
        SafetensorsHeader reread = SafetensorsHeader.validate(again, again.length + next);
        assertThat(reread.entries()).hasSameElementsAs(header.entries());
        assertThat(reread.metadata()).isEqualTo(header.metadata());
    }
}
