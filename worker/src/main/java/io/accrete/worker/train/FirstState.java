package io.accrete.worker.train;

import io.accrete.protocol.train.Inheritance;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.util.Optional;

/**
 * What parameters are before the first step of a stage: as a checkpoint has them, or, where it is
 * the end of another phase, as they follow from it; else as the model's files have them.
 */
final class FirstState implements AutoCloseable {
    private final WeightSource weights;
    private final StateSource state;
    private final Optional<Inheritance> inherits;
    private final LlamaArithmetic arithmetic;

    /**
     * @param weights of the model after surgery, with what is added to it
     * @param scope how long the copies live
     */
    FirstState(
            WeightSource weights, StageSetup setup, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        this.weights = weights;
        this.state = new StateSource(setup.resume(), arithmetic, scope);
        this.inherits = setup.inherits();
        this.arithmetic = arithmetic;
    }

    /** Values, in any type; never to be written to. */
    Tensor value(String name) {
        return learnt(name).orElseGet(() -> weights.tensor(name));
    }

    /** A copy of values that have been learnt so far. */
    Optional<Tensor> learnt(String name) {
        Optional<Tensor> value = before(name).flatMap(state::value);
        if (value.isPresent() && inherits.filter(from -> from.startsAtZero(name)).isPresent()) {
            arithmetic.scale(value.get(), 0);
        }
        return value;
    }

    Optional<Tensor> first(String name) {
        return going(name).flatMap(state::first);
    }

    Optional<Tensor> second(String name) {
        return going(name).flatMap(state::second);
    }

    /** Steps that it has taken. */
    Optional<Tensor> count(String name) {
        return going(name).flatMap(state::count);
    }

    private Optional<String> going(String name) {
        return inherits.filter(from -> !from.keepsMoments(name)).isPresent()
                ? Optional.empty()
                : before(name);
    }

    private Optional<String> before(String name) {
        return inherits.isPresent() ? inherits.get().origin(name) : Optional.of(name);
    }

    /** Copies stay. */
    @Override
    public void close() {
        state.close();
    }
}
