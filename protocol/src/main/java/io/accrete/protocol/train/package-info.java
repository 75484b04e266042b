/** What a training job is, and what its plan and its stages agree on. */
@NullMarked
package io.accrete.protocol.train;

import org.jspecify.annotations.NullMarked;
