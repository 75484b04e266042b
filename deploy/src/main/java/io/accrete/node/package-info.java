/** A node of a cluster that people leave running: a coordinator that serves HTTP, or hands only. */
@NullMarked
package io.accrete.node;

import org.jspecify.annotations.NullMarked;
