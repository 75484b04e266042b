/** The command line: one class per command, what people read, and what programs read. */
@NullMarked
package io.accrete.cli;

import org.jspecify.annotations.NullMarked;
