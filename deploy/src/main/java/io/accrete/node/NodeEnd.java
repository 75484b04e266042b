package io.accrete.node;

/** Why a node has ended. */
public enum NodeEnd {
    /** It left: by a signal, or because it was asked to. */
    LEFT,
    /** The others gave it up, or it lost sight of their majority: it may join anew. */
    GIVEN_UP
}
