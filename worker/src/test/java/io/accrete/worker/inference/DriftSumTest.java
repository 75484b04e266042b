package io.accrete.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.train.Examination.Drift;

import org.junit.jupiter.api.Test;

class DriftSumTest {
    private static final int HIDDEN = 2;
    private static final float[] ZEROS = {0, 0};

    private static Drift drift(float[] now, float[] before) {
        DriftSum sum = new DriftSum();
        sum.add(now, before, HIDDEN);
        return sum.drift();
    }

    @Test
    void positionsAreAveragedOrTakenAtOnce() {
        // half as long again, and a right angle
        assertThat(drift(new float[] {3, 0, 0, 1}, new float[] {2, 0, 1, 0}))
                .isEqualTo(new Drift((0.5 + Math.sqrt(2)) / 2, Math.sqrt(3 / 5.0), 0.5));
    }

    @Test
    void zerosAreWhatTheyWere() {
        assertThat(drift(ZEROS, ZEROS)).isEqualTo(new Drift(0.0, 0.0, 1.0));
        assertThat(drift(new float[] {0, 0, 3, 0}, new float[] {0, 0, 2, 0}))
                .isEqualTo(new Drift(0.25, 0.5, 1.0));
    }

    @Test
    void fromZeroThereIsNoDistance() {
        assertThat(drift(new float[] {1, 0}, ZEROS)).isEqualTo(new Drift(null, null, null));
        assertThat(drift(new float[] {1, 0, 4, 0}, new float[] {0, 0, 2, 0}))
                .as("at one position of two")
                .isEqualTo(new Drift(null, Math.sqrt(5 / 4.0), null));
    }

    @Test
    void whatBecameZeroHasNoDirection() {
        assertThat(drift(ZEROS, new float[] {1, 0})).isEqualTo(new Drift(1.0, 1.0, null));
    }

    @Test
    void whatIsNotFiniteIsNoFigure() {
        assertThat(drift(new float[] {Float.NaN, 0}, new float[] {1, 0}))
                .isEqualTo(new Drift(null, null, null));
    }
}
