package io.accrete.node;

import io.accrete.protocol.job.Problem;

import java.io.IOException;
import java.util.List;

/** Why a node is not started: all that is wrong with its settings, or what stands in its way. */
public final class NodeRefusal extends IOException {
    private static final long serialVersionUID = 1;

    /** Who can mend it. */
    public enum Kind {
        /** Whoever wrote the settings. */
        SETTINGS,
        /** Whoever keeps this machine: ports, files. */
        MACHINE,
        /** Nobody here: the journal or the cluster is away, and may come back by itself. */
        AWAY
    }

    private final Kind kind;
    private final transient List<Problem> problems;

    NodeRefusal(Kind kind, List<Problem> problems) {
        super(String.join("; ", problems.stream().map(Problem::message).toList()));
        this.kind = kind;
        this.problems = List.copyOf(problems);
    }

    static NodeRefusal of(Kind kind, String code, String message, String fix) {
        return new NodeRefusal(kind, List.of(Problem.error(code, null, message, fix)));
    }

    public Kind kind() {
        return kind;
    }

    public List<Problem> problems() {
        return problems;
    }
}
