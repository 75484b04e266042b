/** Real processes that are killed, stopped, starved and set against each other. */
@NullMarked
package io.accrete.fault;

import org.jspecify.annotations.NullMarked;
