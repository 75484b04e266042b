/** Reports on trainings: what happened as one self-contained page. */
@NullMarked
package io.accrete.coordinator.observe;

import org.jspecify.annotations.NullMarked;
