/** Shard tasks of a merge: bytes moved, tensors computed, a receipt. */
@NullMarked
package io.accrete.worker.merge;

import org.jspecify.annotations.NullMarked;
