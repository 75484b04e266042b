package io.accrete.coordinator.plan;

import io.accrete.protocol.tensor.DType;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Element types of a recipe and of mixed inputs. */
final class Promotion {
    private static final Map<DType, String> NAMES =
            Map.of(
                    DType.BF16, "bfloat16",
                    DType.F16, "float16",
                    DType.F32, "float32",
                    DType.F64, "float64");

    private Promotion() {}

    /** The narrowest floating type that holds all values of the given floating types. */
    static DType of(Collection<DType> types) {
        DType result = types.iterator().next();
        for (DType type : types) {
            result = of(result, type);
        }
        return result;
    }

    private static DType of(DType a, DType b) {
        if (a == b) {
            return a;
        }
        return a == DType.F64 || b == DType.F64 ? DType.F64 : DType.F32;
    }

    /** What a recipe's {@code dtype} means, if it is a floating type. */
    static Optional<DType> named(String name) {
        String plain = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getValue().equals(plain))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The name of an element type in a {@code config.json}. */
    static String nameOf(DType type) {
        return NAMES.getOrDefault(type, type.name());
    }

    /** Whether finite values of one type can become infinite in the other. */
    static boolean overflows(DType from, DType to) {
        return to == DType.F16 && from != DType.F16 || from == DType.F64 && to != DType.F64;
    }
}
