package io.accrete.protocol.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files. */
final class PemFile {
    private static final int BYTES_MAX = 1 << 20;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([^-]*)-----END \\1-----");
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private PemFile() {}

    /** At least one. */
    static List<X509Certificate> certificates(Path file) throws PemException {
        StringBuilder blocks = new StringBuilder();
        Matcher block = BLOCK.matcher(text(file));
        while (block.find()) {
            if (block.group(1).equals("CERTIFICATE")) {
                blocks.append(block.group()).append('\n');
            }
        }
        if (blocks.isEmpty()) {
            throw new PemException(
                    file,
                    "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
                    "openssl x509 -inform der -in FILE -out FILE.pem turns DER into PEM");
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(
                                    blocks.toString().getBytes(StandardCharsets.US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            throw new PemException(
                    file,
                    "holds a certificate that cannot be read: " + e.getMessage(),
                    "openssl x509 -text -in FILE shows what is in it",
                    e);
        }
    }

    static PrivateKey key(Path file) throws PemException {
        Matcher block = BLOCK.matcher(text(file));
        while (block.find()) {
            String label = block.group(1);
            if (label.equals("PRIVATE KEY")) {
                return key(file, block.group(2));
            }
            if (label.endsWith("PRIVATE KEY")) {
                throw new PemException(
                        file,
                        label.startsWith("ENCRYPTED")
                                ? "holds a key that is protected by a passphrase"
                                : "holds a key in an old format (%s)".formatted(label),
                        "openssl pkcs8 -topk8 -nocrypt -in FILE -out FILE.pkcs8 writes it as"
                                + " needed");
            }
        }
        throw new PemException(
                file,
                "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)",
                "name the file of the key, not that of the certificate");
    }

    private static PrivateKey key(Path file, String base64) throws PemException {
        PKCS8EncodedKeySpec spec;
        try {
            spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new PemException(file, "holds a damaged private key", "make it anew", e);
        }
        for (String algorithm : KEY_ALGORITHMS) {
            Optional<PrivateKey> key = key(algorithm, spec);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw new PemException(
                file,
                "holds a private key that is damaged, or none of " + KEY_ALGORITHMS,
                "make it anew");
    }

    /** Empty if it is one of another algorithm. */
    private static Optional<PrivateKey> key(String algorithm, PKCS8EncodedKeySpec spec) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
        } catch (InvalidKeySpecException notThisOne) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is part of every JDK", e);
        }
    }

    private static String text(Path file) throws PemException {
        try {
            if (Files.isDirectory(file)) {
                throw new PemException(file, "is a folder", "name a file");
            }
            if (Files.size(file) > BYTES_MAX) {
                throw new PemException(file, "has more than 1 MiB", "name a file in PEM");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (PemException e) {
            throw e;
        } catch (IOException e) {
            throw new PemException(
                    file,
                    Files.exists(file) ? "may not be read by this user" : "no such file",
                    "look at its name and at its rights",
                    e);
        }
    }
}
