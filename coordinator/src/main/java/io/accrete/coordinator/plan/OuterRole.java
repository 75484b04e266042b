package io.accrete.coordinator.plan;

/** On which side of the layers a tensor lies that is in none of them. */
enum OuterRole {
    /** The embedding and what else feeds the first layer. */
    BEFORE,
    /** The final norm, the head and what else follows the last layer. */
    AFTER
}
