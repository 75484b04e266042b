/** Identity of files. */
@NullMarked
package io.accrete.protocol.store;

import org.jspecify.annotations.NullMarked;
