/** A cluster elsewhere, as a client of its HTTP interface sees it. */
@NullMarked
package io.accrete.remote;

import org.jspecify.annotations.NullMarked;
