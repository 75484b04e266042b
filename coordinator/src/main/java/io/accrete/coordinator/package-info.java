/** Decides: jobs in, leases and published results out. The root wires the parts. */
@NullMarked
package io.accrete.coordinator;

import org.jspecify.annotations.NullMarked;
