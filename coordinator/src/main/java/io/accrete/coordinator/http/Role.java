package io.accrete.coordinator.http;

/** What a caller may do; each role may do what those before it may. */
public enum Role {
    /** Look at jobs, workers and the cluster. */
    READ,
    /** Submit jobs, and steer them. */
    SUBMIT,
    /** Delete jobs, drain workers. */
    ADMIN;

    boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }
}
