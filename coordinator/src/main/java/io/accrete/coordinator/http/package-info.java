/** Job control over HTTP: requests in, questions to {@code Jobs}, JSON out. Decides nothing. */
@NullMarked
package io.accrete.coordinator.http;

import org.jspecify.annotations.NullMarked;
