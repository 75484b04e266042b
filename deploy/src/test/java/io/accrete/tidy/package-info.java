/** Tests that keep the tree tidy, so that reviews can be about meaning. */
@NullMarked
package io.accrete.tidy;

import org.jspecify.annotations.NullMarked;
