/** The one-machine launcher: coordinator and workers in this process, for one job. */
@NullMarked
package io.accrete.local;

import org.jspecify.annotations.NullMarked;
