/**
 * Arithmetic on tensors, by libtorch: the only package that knows DJL. Nothing outside sees its
 * arrays; values come and go as bytes in buffers.
 */
@NullMarked
package io.accrete.worker.tensor;

import org.jspecify.annotations.NullMarked;
