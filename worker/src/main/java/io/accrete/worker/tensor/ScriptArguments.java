package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;

import io.accrete.protocol.tensor.DType;

import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of one call of the script. Closing it frees the arguments, not the tensors behind
 * them.
 */
final class ScriptArguments implements AutoCloseable {
    private final List<IValue> all = new ArrayList<>();
    private final List<IValue> own = new ArrayList<>();

    ScriptArguments tensor(TensorBuffer buffer) {
        all.add(buffer.tensor());
        return this;
    }

    ScriptArguments type(DType dtype) {
        return own(IValue.from((long) TorchType.of(dtype)));
    }

    ScriptArguments tensor(Tensor tensor) {
        return own(IValue.from(tensor.array()));
    }

    ScriptArguments tensors(List<Tensor> tensors) {
        return own(IValue.listFrom(tensors.stream().map(Tensor::array).toArray(PtNDArray[]::new)));
    }

    ScriptArguments wholes(long... values) {
        return own(IValue.listFrom(values));
    }

    ScriptArguments text(String value) {
        return own(IValue.from(value));
    }

    /** By its name. */
    ScriptArguments device(TensorScope scope) {
        return text(scope.device().toString());
    }

    /** 0, which is no type to the script, where values pass {@code dtype} anyway. */
    ScriptArguments typeUnless(DType dtype, DType... anyway) {
        return List.of(anyway).contains(dtype) ? whole(0) : type(dtype);
    }

    ScriptArguments whole(long value) {
        return own(IValue.from(value));
    }

    ScriptArguments real(double value) {
        return own(IValue.from(value));
    }

    ScriptArguments flag(boolean value) {
        return own(IValue.from(value));
    }

    IValue[] values() {
        return all.toArray(IValue[]::new);
    }

    private ScriptArguments own(IValue value) {
        all.add(value);
        own.add(value);
        return this;
    }

    @Override
    public void close() {
        own.forEach(IValue::close);
    }
}
