/** JSON over HTTP: what a server of {@code /api/v1} and its clients agree on. */
@NullMarked
package io.accrete.protocol.http;

import org.jspecify.annotations.NullMarked;
