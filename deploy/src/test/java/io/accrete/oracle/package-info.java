/** What the tests know by themselves of models and commands: no code of the product is used. */
@NullMarked
package io.accrete.oracle;

import org.jspecify.annotations.NullMarked;
