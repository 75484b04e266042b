package io.accrete.cli;

/** What the exit code of a command says. */
enum ExitCode {
    DONE(0),
    JOB_FAILED(1),
    USAGE(2),
    INVALID_INPUT(3),
    PLAN_REFUSED(4),
    UNREACHABLE(5),
    CANCELLED(6),
    /** A node that its cluster goes on without; the launcher starts it again. */
    GIVEN_UP(7),
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
