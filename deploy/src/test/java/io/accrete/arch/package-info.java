/** Tests that hold the boundaries of modules and packages. Each says what to do when it fails. */
@NullMarked
package io.accrete.arch;

import org.jspecify.annotations.NullMarked;
