package io.accrete.node;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A setting of a node. It has one name: {@code cluster-bind} in a file is {@code --cluster-bind} on
 * a command line and {@code ACCRETE_CLUSTER_BIND} in the environment.
 */
public enum NodeKey {
    HTTP(
            Role.SERVES,
            Shape.ONE,
            "HOST:PORT",
            "127.0.0.1:8080",
            "where it serves (default 127.0.0.1:8080)"),
    TLS_CERT(
            Role.SERVES,
            Shape.ONE,
            "PEM",
            "",
            "its certificate, with those up to the CA's: it then serves https"),
    TLS_KEY(Role.SERVES, Shape.ONE, "PEM", "", "private key of --tls-cert"),
    TOKENS(
            Role.SERVES,
            Shape.ONE,
            "FILE",
            "",
            "who may do what: lines of ROLE NAME SHA256; ROLE read, submit or admin"),
    ROOT(
            Role.SERVES,
            Shape.SEVERAL,
            "DIR",
            "",
            "folder under which the paths of jobs must lie; repeatable, relative paths count from"
                    + " the first (default: the current directory)"),
    STATE(
            Role.SERVES,
            Shape.ONE,
            "DIR",
            ".accrete",
            "folder for the journal of a node that is alone (default .accrete)"),
    JOURNAL(
            Role.SERVES,
            Shape.ONE,
            "URL",
            "",
            "jdbc:postgresql://HOST/DATABASE?user=U&password=P, shared by the coordinators of a"
                    + " cluster"),
    CLUSTER(
            Role.BOTH,
            Shape.ONE,
            "HOST:PORT",
            "127.0.0.1:25520",
            "where other nodes reach this one (default 127.0.0.1:25520)"),
    CLUSTER_BIND(
            Role.BOTH,
            Shape.ONE,
            "HOST:PORT",
            "",
            "where it listens for other nodes, in a container or behind NAT (default: --cluster)"),
    CLUSTER_CERT(
            Role.BOTH,
            Shape.ONE,
            "PEM",
            "",
            "the certificate that it shows to other nodes; traffic between nodes is then"
                    + " encrypted"),
    CLUSTER_KEY(Role.BOTH, Shape.ONE, "PEM", "", "private key (RSA) of --cluster-cert"),
    CLUSTER_CA(
            Role.BOTH,
            Shape.ONE,
            "PEM",
            "",
            "certificate of the CA that signed those of all nodes"),
    SEED(
            Role.BOTH,
            Shape.SEVERAL,
            "HOST:PORT",
            "",
            "a node through which this one joins its cluster; repeatable"),
    WORKERS(
            Role.BOTH,
            Shape.ONE,
            "N",
            "",
            "shards that it writes at the same time (default: one for each core, at most 4; 0:"
                    + " none)"),
    DEVICES(
            Role.BOTH,
            Shape.SEVERAL,
            "cpu|cuda:N",
            "cpu",
            "what stages of trainings are computed on, separated by commas: cpu is --workers"
                    + " workers on the processor, each cuda:N one more worker on that GPU (default"
                    + " cpu)"),
    LINK(
            Role.BOTH,
            Shape.ONE,
            "HOST:PORT",
            "",
            "where stages of a training in other processes send tensors to, not encrypted (default:"
                    + " the host of --cluster and any free port; where nodes encrypt beyond this"
                    + " machine, nowhere)"),
    LINK_BIND(
            Role.BOTH,
            Shape.ONE,
            "HOST:PORT",
            "",
            "where it listens for them (default: --link, or the host of --cluster-bind)"),
    INSECURE(
            Role.BOTH,
            Shape.SWITCH,
            "true|false",
            "false",
            "listen beyond this machine without tokens or encryption"),
    LOG_FORMAT(
            Role.BOTH,
            Shape.ONE,
            "text|json",
            "text",
            "how the log is written to standard error (default text)"),
    LOG_LEVEL(
            Role.BOTH,
            Shape.ONE,
            "LEVEL",
            "info",
            "what is logged: error, warn, info or debug (default info)");

    /** Which nodes have it. */
    private enum Role {
        SERVES,
        BOTH
    }

    /** How it is written. */
    public enum Shape {
        ONE,
        SEVERAL,
        SWITCH
    }

    private final Role role;
    private final Shape shape;
    private final String label;
    private final String standard;
    private final String description;

    NodeKey(Role role, Shape shape, String label, String standard, String description) {
        this.role = role;
        this.shape = shape;
        this.label = label;
        this.standard = standard;
        this.description = description;
    }

    /** Those of a node that serves, or of one that only works. */
    public static List<NodeKey> of(boolean serves) {
        return Arrays.stream(values()).filter(key -> serves || key.role == Role.BOTH).toList();
    }

    static Optional<NodeKey> named(String name) {
        return Arrays.stream(values()).filter(key -> key.inFile().equals(name)).findFirst();
    }

    public String inFile() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String flag() {
        return "--" + inFile();
    }

    String variable() {
        return "ACCRETE_" + name();
    }

    public Shape shape() {
        return shape;
    }

    /** What stands for its value in explanations. */
    public String label() {
        return label;
    }

    public String description() {
        return description;
    }

    /** What holds where nobody said otherwise. */
    List<String> standard() {
        return standard.isEmpty() ? List.of() : List.of(standard);
    }
}
