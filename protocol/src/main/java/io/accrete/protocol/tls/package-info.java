/** Certificates and private keys in PEM files, and what TLS makes of them. */
@NullMarked
package io.accrete.protocol.tls;

import org.jspecify.annotations.NullMarked;
