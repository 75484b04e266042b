/** Messages between processes. The only package here that may name an actor. */
@NullMarked
package io.accrete.protocol.wire;

import org.jspecify.annotations.NullMarked;
