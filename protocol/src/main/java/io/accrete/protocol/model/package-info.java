/** Model folders: configuration, index, tensors, architectures. */
@NullMarked
package io.accrete.protocol.model;

import org.jspecify.annotations.NullMarked;
