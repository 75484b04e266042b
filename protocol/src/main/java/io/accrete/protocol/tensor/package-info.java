/** Element types, shapes and names of tensors. */
@NullMarked
package io.accrete.protocol.tensor;

import org.jspecify.annotations.NullMarked;
