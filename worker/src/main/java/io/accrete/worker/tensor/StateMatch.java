package io.accrete.worker.tensor;

import java.util.List;

/**
 * How far states are from a teacher's.
 *
 * @param sum of {@code |x - t|^2 / |t|^2} over the scored positions
 * @param gradient by the states, of that sum times a factor
 */
public record StateMatch(double sum, Tensor gradient) {
    /**
     * @param x states of the model, [rows, positions, hidden]
     * @param t those of the teacher, of the same shape
     * @param targets I64 [rows, positions]; -100 where a position is not scored
     * @param factor of the sum in what is trained on
     */
    public static StateMatch of(
            LlamaArithmetic arithmetic,
            Tensor x,
            Tensor t,
            Tensor targets,
            double factor,
            TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensor(x).tensor(t).tensor(targets);
        List<Tensor> all = arithmetic.tensors("match_states", arguments.real(factor), scope);
        return new StateMatch(all.get(0).doubles()[0], all.get(1));
    }
}
