/** Llama-family models as layers that are run forward and backward; tensors by name. */
@NullMarked
package io.accrete.worker.nn;

import org.jspecify.annotations.NullMarked;
