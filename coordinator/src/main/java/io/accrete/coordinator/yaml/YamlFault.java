package io.accrete.coordinator.yaml;

/** What can be wrong with any text in YAML; other faults have other numbers. */
public enum YamlFault implements Fault {
    CHARACTERS(1),
    SYNTAX(2),
    TAG(3),
    LIMIT(4),
    RECURSION(5),
    DUPLICATE_KEY(6),
    UNKNOWN_KEY(9),
    WRONG_TYPE(10);

    private final int number;

    YamlFault(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
