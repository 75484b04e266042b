package io.accrete.node;

/** Why a node has ended. */
public enum NodeEnd {
    /** It left: by a signal, or because it was asked to. */
    LEFT,
    /**
     * The others gave it up, it lost sight of their majority, or all that serve have left: it may
     * join anew.
     */
    GIVEN_UP
}
