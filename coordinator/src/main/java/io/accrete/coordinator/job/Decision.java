package io.accrete.coordinator.job;

import java.util.List;

/**
 * What a state says to a command.
 *
 * @param <E> its events
 */
public sealed interface Decision<E> {

    /**
     * @param events to journal, in order; none where the command has been obeyed before
     */
    record Accepted<E>(List<E> events) implements Decision<E> {
        public Accepted {
            events = List.copyOf(events);
        }
    }

    /**
     * @param sentence for people: what is the case, and what may be done
     */
    record Rejected<E>(String sentence) implements Decision<E> {}

    static <E> Decision<E> accept(E event) {
        return new Accepted<>(List.of(event));
    }

    static <E> Decision<E> nothingNew() {
        return new Accepted<>(List.of());
    }

    static <E> Decision<E> reject(String sentence) {
        return new Rejected<>(sentence);
    }
}
