/** What the tour works with, all of it made here: small texts, their tokenizer, a small model. */
@NullMarked
package io.accrete.tour;

import org.jspecify.annotations.NullMarked;
