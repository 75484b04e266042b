package io.accrete.node;

import java.nio.file.Path;

/**
 * Files with a certificate and its private key.
 *
 * @param certificate with those that lead to the CA's behind it
 */
public record PemPair(Path certificate, Path key) {}
