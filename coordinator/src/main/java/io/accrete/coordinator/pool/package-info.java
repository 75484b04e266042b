/** Workers, leases and epochs: who may work on what until when. */
@NullMarked
package io.accrete.coordinator.pool;

import org.jspecify.annotations.NullMarked;
