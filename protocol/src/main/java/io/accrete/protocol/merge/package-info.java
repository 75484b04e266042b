/** What a merge plan is, and what a worker reports of it. */
@NullMarked
package io.accrete.protocol.merge;

import org.jspecify.annotations.NullMarked;
