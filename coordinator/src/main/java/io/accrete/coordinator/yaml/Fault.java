package io.accrete.coordinator.yaml;

/** A kind of thing that can be wrong with a text. */
public interface Fault {
    /** Its stable number among the faults of one kind of text. */
    int number();
}
