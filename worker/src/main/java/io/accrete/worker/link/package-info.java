/** Bytes of tensors between the stages of a pipeline that are in different processes. */
@NullMarked
package io.accrete.worker.link;

import org.jspecify.annotations.NullMarked;
