package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CoefficientsTest {
    @Test
    void perpendicularTensorsAreTurnedByAQuarter() {
        Coefficients half = Coefficients.slerp(new Products(4, 9, 0), 0.5);

        assertThat(half.base()).isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(half.other()).isCloseTo(Math.sqrt(0.5), within(1e-12));
    }

    @Test
    void theEndsAreTheTensorsThemselves() {
        Products products = new Products(1, 1, 0.3);

        assertThat(Coefficients.slerp(products, 0)).isEqualTo(new Coefficients(1, 0));
        assertThat(Coefficients.slerp(products, 1).base()).isZero();
        assertThat(Coefficients.slerp(products, 1).other()).isEqualTo(1);
    }

    @Test
    void nearlyParallelTensorsAreJoinedByALine() {
        assertThat(Coefficients.slerp(new Products(1, 1, 0.9996), 0.25))
                .isEqualTo(new Coefficients(0.75, 0.25));
        assertThat(Coefficients.slerp(new Products(1, 1, -0.9996), 0.25))
                .isEqualTo(new Coefficients(0.75, 0.25));
    }

    @Test
    void aTensorOfZerosHasNoDirection() {
        Coefficients half = Coefficients.slerp(new Products(0, 1, 0), 0.5);

        assertThat(half.base()).isCloseTo(Math.sqrt(0.5), within(1e-12));
    }
}
