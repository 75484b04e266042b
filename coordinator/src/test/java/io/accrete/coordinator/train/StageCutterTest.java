package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.train.SiteRange;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

class StageCutterTest {

    /** Sites with seconds and bytes, under one limit for each part. */
    private record Bill(double[] seconds, long[] bytes, long[] limits)
            implements StageCutter.Parts {
        @Override
        public double seconds(int part, SiteRange sites) {
            return DoubleStream.of(seconds).skip(sites.first()).limit(sites.size()).sum();
        }

        @Override
        public boolean fits(int part, SiteRange sites) {
            long sum = 0;
            for (int i = sites.first(); i < sites.end(); i++) {
                sum += bytes[i];
            }
            return sum <= limits[part];
        }

        /** The least time of the slowest part, by trying everything. */
        double best(int part, int first) {
            int parts = limits.length;
            if (part == parts - 1) {
                SiteRange rest = new SiteRange(first, seconds.length);
                return fits(part, rest) ? seconds(part, rest) : Double.POSITIVE_INFINITY;
            }
            double best = Double.POSITIVE_INFINITY;
            for (int end = first + 1; end <= seconds.length - (parts - 1 - part); end++) {
                SiteRange range = new SiteRange(first, end);
                if (fits(part, range)) {
                    best = Math.min(best, Math.max(seconds(part, range), best(part + 1, end)));
                }
            }
            return best;
        }
    }

    @Test
    void theSlowestPartIsAsFastAsAnyCutAllows() {
        Random random = new Random(3);
        int found = 0;
        for (int i = 0; i < 300; i++) {
            int sites = 1 + random.nextInt(9);
            int parts = 1 + random.nextInt(sites);
            Bill bill =
                    new Bill(
                            random.doubles(sites, 1, 3).toArray(),
                            random.longs(sites, 1, 9).toArray(),
                            random.longs(parts, 5, 30).toArray());
            Optional<List<SiteRange>> cut = StageCutter.cut(sites, parts, bill);
            double best = bill.best(0, 0);
            assertThat(cut.isPresent()).isEqualTo(Double.isFinite(best));
            if (cut.isPresent()) {
                found++;
                List<SiteRange> ranges = cut.get();
                assertThat(ranges.getFirst().first()).isZero();
                assertThat(ranges.getLast().end()).isEqualTo(sites);
                assertThat(
                                IntStream.range(0, parts)
                                        .mapToDouble(p -> bill.seconds(p, ranges.get(p)))
                                        .max())
                        .hasValue(best);
                for (int part = 0; part < parts; part++) {
                    assertThat(bill.fits(part, ranges.get(part))).isTrue();
                    assertThat(part == 0 ? 0 : ranges.get(part - 1).end())
                            .isEqualTo(ranges.get(part).first());
                }
            }
        }
        assertThat(found).isBetween(50, 290);
    }

    @Test
    void thereAreNoMorePartsThanSites() {
        Bill bill = new Bill(new double[] {1}, new long[] {1}, new long[] {9, 9});
        assertThat(StageCutter.cut(1, 2, bill)).isEmpty();
    }
}
