/** Texts and token ids as rows that a model is trained on or judged by. */
@NullMarked
package io.accrete.worker.data;

import org.jspecify.annotations.NullMarked;
