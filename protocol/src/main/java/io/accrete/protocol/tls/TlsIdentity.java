package io.accrete.protocol.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What a server or node shows: a certificate, and the key that proves that it is its own.
 *
 * @param chain the own certificate first
 */
public record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
    private static final byte[] PROBE = "accrete".getBytes(StandardCharsets.US_ASCII);
    private static final char[] NO_PASSWORD = new char[0];

    public TlsIdentity {
        chain = List.copyOf(chain);
    }

    /**
     * @param now at which the certificate must hold
     * @throws PemException with the file that cannot be used
     */
    public static TlsIdentity read(Path certificate, Path key, Instant now) throws PemException {
        TlsIdentity identity = new TlsIdentity(PemFile.certificates(certificate), PemFile.key(key));
        requireValid(certificate, identity.own(), now);
        if (!identity.fits()) {
            throw new PemException(
                    key,
                    "is not the key of the certificate in " + certificate,
                    "name the two files that were made together");
        }
        return identity;
    }

    /**
     * For nodes, which trust one CA and nothing else.
     *
     * @throws PemException where another node would refuse this one
     */
    public void requireSignedBy(Path ca, Path certificate, Instant now) throws PemException {
        X509Certificate authority = PemFile.certificates(ca).getFirst();
        requireValid(ca, authority, now);
        try {
            own().verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new PemException(
                    certificate,
                    "is not signed by the CA in " + ca,
                    "all nodes need certificates of one CA, signed by it directly",
                    e);
        }
        if (!key.getAlgorithm().equals("RSA")) {
            throw new PemException(
                    certificate,
                    "has a key of %s; between nodes it is RSA".formatted(key.getAlgorithm()),
                    "make one with RSA, as deploy/make-certificates does");
        }
    }

    private X509Certificate own() {
        return chain.getFirst();
    }

    /** After which it is of no use. */
    public Instant end() {
        return own().getNotAfter().toInstant();
    }

    private static void requireValid(Path file, X509Certificate certificate, Instant now)
            throws PemException {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isAfter(end)) {
            throw new PemException(file, "has ended: it was valid until " + end, "have it renewed");
        }
        if (now.isBefore(begin)) {
            throw new PemException(
                    file,
                    "is not valid yet: it begins at %s, and this machine's clock says %s"
                            .formatted(begin, now),
                    "look at the clock of this machine");
        }
    }

    private boolean fits() {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(own().getPublicKey());
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    /** For the serving side of a connection. */
    public SSLContext context() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a JDK makes TLS of a key and its certificate", e);
        }
    }
}
