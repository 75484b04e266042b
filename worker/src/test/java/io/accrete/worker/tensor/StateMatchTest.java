package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.protocol.tensor.Shape;

import org.junit.jupiter.api.Test;

import java.util.Random;

/** The distance of states against loops in double precision. */
class StateMatchTest {
    private static final int POSITIONS = 6;
    private static final int HIDDEN = 5;
    private static final double FACTOR = 0.3;
    private static final long[] TARGETS = {4, -100, 9, 3, 0, -100};

    private final Random random = new Random(5);
    private final double[] x = random.doubles(POSITIONS * HIDDEN, -2, 2).toArray();
    private final double[] t = random.doubles(POSITIONS * HIDDEN, -2, 2).toArray();

    @Test
    void itIsRelativeToTheTeacherAndOfScoredPositionsAlone() {
        double sum = 0;
        double[] gradient = new double[x.length];
        for (int position = 0; position < POSITIONS; position++) {
            double gap = 0;
            double own = 0;
            for (int i = position * HIDDEN; i < (position + 1) * HIDDEN; i++) {
                gap += (x[i] - t[i]) * (x[i] - t[i]);
                own += t[i] * t[i];
            }
            for (int i = position * HIDDEN; i < (position + 1) * HIDDEN; i++) {
                boolean scored = TARGETS[position] != LlamaArithmetic.NOT_SCORED;
                gradient[i] = scored ? 2 * FACTOR * (x[i] - t[i]) / own : 0;
            }
            sum += TARGETS[position] == LlamaArithmetic.NOT_SCORED ? 0 : gap / own;
        }
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            StateMatch match = match(x, t, scope);
            assertThat(match.sum()).isCloseTo(sum, within(1e-12));
            assertThat(match.gradient().doubles()).containsExactly(gradient, within(1e-12));
        }
    }

    @Test
    void aPaddedPositionWithoutStatesDoesNoHarm() {
        double[] padded = t.clone();
        for (int i = (POSITIONS - 1) * HIDDEN; i < padded.length; i++) {
            padded[i] = 0;
        }
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            StateMatch with = match(x, padded, scope);
            StateMatch without = match(x, t, scope);
            assertThat(with.sum()).isEqualTo(without.sum());
            assertThat(with.gradient().doubles()).containsExactly(without.gradient().doubles());
        }
    }

    private static StateMatch match(double[] x, double[] t, TensorScope scope) {
        Shape shape = Shape.of(2, POSITIONS / 2, HIDDEN);
        return StateMatch.of(
                LlamaArithmetic.onThisThread(1),
                scope.doubles(x, shape),
                scope.doubles(t, shape),
                scope.longs(TARGETS, Shape.of(2, POSITIONS / 2)),
                FACTOR,
                scope);
    }
}
