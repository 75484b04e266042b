/** What a trained model says: its loss on given rows, its continuation of a text. */
@NullMarked
package io.accrete.worker.inference;

import org.jspecify.annotations.NullMarked;
