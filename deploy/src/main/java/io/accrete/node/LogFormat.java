package io.accrete.node;

/** How a line of the log is written. */
public enum LogFormat {
    TEXT,
    /** One JSON object. */
    JSON
}
