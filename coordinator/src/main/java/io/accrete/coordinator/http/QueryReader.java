package io.accrete.coordinator.http;

import io.accrete.coordinator.yaml.Words;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the parameters of a query, and remembers what was wrong with them. */
final class QueryReader {
    private static final int DIGITS_MAX = 9;

    private final Map<String, String> parameters;
    private Optional<String> fault = Optional.empty();

    QueryReader(Map<String, String> parameters) {
        this.parameters = parameters;
    }

    /** Says which of the names that were given is none of those that there are, or comes twice. */
    static Optional<String> misplaced(Map<String, List<String>> given, List<String> names) {
        return given.entrySet().stream()
                .filter(one -> !names.contains(one.getKey()) || one.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst()
                .map(
                        name ->
                                names.contains(name)
                                        ? "`%s` is given more than once".formatted(name)
                                        : sentence(name, names));
    }

    private static String sentence(String name, List<String> names) {
        String meant = Words.didYouMean(name, names);
        return "there is no parameter `%s` here%s; this takes %s"
                .formatted(
                        Words.shortened(name),
                        meant.isEmpty() ? "" : " (" + meant + ")",
                        names.isEmpty() ? "none" : String.join(", ", names));
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** One of the names of these constants, in any case. */
    <E extends Enum<E>> Optional<E> oneOf(String name, E[] constants) {
        return oneOf(name, constants, "");
    }

    /**
     * @param more said where it is none of them
     */
    <E extends Enum<E>> Optional<E> oneOf(String name, E[] constants, String more) {
        Optional<String> text = text(name);
        for (E constant : constants) {
            if (text.filter(given -> constant.name().equals(given.toUpperCase(Locale.ROOT)))
                    .isPresent()) {
                return Optional.of(constant);
            }
        }
        text.ifPresent(_ -> wrong("`%s` is one of %s%s".formatted(name, List.of(constants), more)));
        return Optional.empty();
    }

    OptionalInt number(String name, int least, int most) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (text.get().matches("[0-9]{1,%d}".formatted(DIGITS_MAX))) {
            int number = Integer.parseInt(text.get());
            if (number >= least && number <= most) {
                return OptionalInt.of(number);
            }
        }
        wrong("`%s` is a number from %d to %d".formatted(name, least, most));
        return OptionalInt.empty();
    }

    /** False where it is absent. */
    boolean flag(String name) {
        String text = parameters.getOrDefault(name, "false");
        if (!text.equals("true") && !text.equals("false")) {
            wrong("`%s` is true or false".formatted(name));
        }
        return text.equals("true");
    }

    private void wrong(String sentence) {
        fault = fault.or(() -> Optional.of(sentence));
    }

    /** What is wrong with the first parameter that is, as a sentence. */
    Optional<String> fault() {
        return fault;
    }
}
