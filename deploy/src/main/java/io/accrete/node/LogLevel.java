package io.accrete.node;

/** From which severity on something is logged. */
public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
}
