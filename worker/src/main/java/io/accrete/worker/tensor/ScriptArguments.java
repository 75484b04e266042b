package io.accrete.worker.tensor;

import ai.djl.pytorch.jni.IValue;

import io.accrete.protocol.tensor.DType;

import java.util.ArrayList;
import java.util.List;

/** The arguments of one call of the script. Closing it frees the numbers, not the tensors. */
final class ScriptArguments implements AutoCloseable {
    private final List<IValue> all = new ArrayList<>();
    private final List<IValue> numbers = new ArrayList<>();

    ScriptArguments tensor(TensorBuffer buffer) {
        all.add(buffer.tensor());
        return this;
    }

    ScriptArguments type(DType dtype) {
        return number(IValue.from((long) TorchType.of(dtype)));
    }

    /** 0, which is no type to the script, where values pass {@code dtype} anyway. */
    ScriptArguments typeUnless(DType dtype, DType... anyway) {
        return List.of(anyway).contains(dtype) ? whole(0) : type(dtype);
    }

    ScriptArguments whole(long value) {
        return number(IValue.from(value));
    }

    ScriptArguments real(double value) {
        return number(IValue.from(value));
    }

    ScriptArguments flag(boolean value) {
        return number(IValue.from(value));
    }

    IValue[] values() {
        return all.toArray(IValue[]::new);
    }

    private ScriptArguments number(IValue value) {
        all.add(value);
        numbers.add(value);
        return this;
    }

    @Override
    public void close() {
        numbers.forEach(IValue::close);
    }
}
