/** The worker: an actor that takes leases from the pool and does what its tasks say. */
@NullMarked
package io.accrete.worker;

import org.jspecify.annotations.NullMarked;
