package io.accrete.node;

import io.accrete.protocol.tls.PemException;
import io.accrete.protocol.tls.TlsIdentity;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * The serving side of TLS. Certificates are renewed while a node runs: files that have changed are
 * read again for the next connection, and where they cannot be used, the ones before are.
 */
final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

    private final PemPair files;
    private final Clock clock;
    private List<FileTime> read;
    private SSLContext context;

    private ServerTls(PemPair files, Clock clock) throws IOException {
        this.files = files;
        this.clock = clock;
        this.read = times();
        this.context = load();
    }

    static ServerTls of(PemPair files, Clock clock) throws IOException {
        return new ServerTls(files, clock);
    }

    /** For one connection. */
    synchronized SSLEngine engine() {
        try {
            List<FileTime> now = times();
            if (!now.equals(read)) {
                read = now;
                context = load();
                LOG.info("the certificate {} is read again", files.certificate());
            }
        } catch (PemException e) {
            LOG.warn("the certificate before is used: {} {}", e.file(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("the certificate before is used: {}", e.toString());
        }
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    private SSLContext load() throws PemException {
        return TlsIdentity.read(files.certificate(), files.key(), clock.instant()).context();
    }

    private List<FileTime> times() throws IOException {
        return List.of(
                Files.getLastModifiedTime(files.certificate()),
                Files.getLastModifiedTime(files.key()));
    }
}
