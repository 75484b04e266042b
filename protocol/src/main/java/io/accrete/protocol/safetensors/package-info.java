/** The one reader, validator and writer of the safetensors format. */
@NullMarked
package io.accrete.protocol.safetensors;

import org.jspecify.annotations.NullMarked;
