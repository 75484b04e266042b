package io.accrete.remote;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateExpiredException;
import java.util.Optional;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * A server that gave no answer.
 *
 * @param why half a sentence
 * @param fix what to do about it
 * @param isPassing whether it may be over in a moment
 */
record Outage(String server, String why, String fix, boolean isPassing) {
    private static final String RUNNING =
            "is it running? `accrete serve` starts one; --server or ACCRETE_SERVER names it";
    private static final String HTTPS = "does it serve https? then write https:// before its name";

    static Outage of(String server, Throwable thrown) {
        if (isAmong(thrown, UnresolvedAddressException.class)
                || isAmong(thrown, UnknownHostException.class)) {
            return new Outage(
                    server,
                    "its name does not resolve",
                    "is it written as it should be in --server, ACCRETE_SERVER or the context, and"
                            + " does this machine know it?",
                    false);
        }
        Optional<SSLException> encryption = among(thrown, SSLException.class);
        return encryption.isPresent()
                ? ofEncryption(server, thrown, encryption.get())
                : ofConnection(server, thrown);
    }

    private static Outage ofConnection(String server, Throwable thrown) {
        String said = said(thrown);
        if (thrown instanceof HttpConnectTimeoutException) {
            return new Outage(
                    server,
                    "no connection within some seconds",
                    "is its machine up, and does a firewall let this one through?",
                    true);
        }
        if (thrown instanceof HttpTimeoutException) {
            return new Outage(
                    server, "it takes the connection and does not answer", "look at its log", true);
        }
        if (thrown instanceof ConnectException) {
            String why =
                    thrown.getMessage() == null || said.contains("refused")
                            ? "the connection was refused: nobody listens there"
                            : said;
            return new Outage(server, why, RUNNING, true);
        }
        return said.contains("received no bytes")
                ? new Outage(server, "it ends the connection without an answer", HTTPS, true)
                : new Outage(server, said, RUNNING, true);
    }

    private static Outage ofEncryption(String server, Throwable thrown, SSLException failure) {
        String said = said(failure);
        if (isAmong(thrown, CertificateExpiredException.class)) {
            return new Outage(
                    server,
                    "its certificate has ended",
                    "give the server a new one; it is read at the next connection",
                    false);
        }
        if (said.contains("PKIX")) {
            return new Outage(
                    server,
                    "nobody whom this machine trusts has signed its certificate",
                    "--ca-file names the certificate of its CA",
                    false);
        }
        if (said.contains("subject alternative") || said.contains("No name matching")) {
            return new Outage(
                    server,
                    "its certificate is one for another name: " + said,
                    "write one of the names in its certificate in place of this one",
                    false);
        }
        return new Outage(
                server,
                "no encrypted connection: " + said,
                "does it serve https? if not, write http:// before its name",
                true);
    }

    static Outage ofSomethingElse(String server) {
        return new Outage(
                server,
                "something that is not Accrete answers there",
                "do --server, ACCRETE_SERVER or the context name the right port?",
                true);
    }

    /** Whether the server cannot have seen the request. */
    static boolean isBeforeTheRequest(Throwable thrown) {
        return thrown instanceof ConnectException
                || thrown instanceof HttpConnectTimeoutException
                || thrown instanceof SSLHandshakeException;
    }

    private static String said(Throwable thrown) {
        return thrown.getMessage() == null
                ? thrown.getClass().getSimpleName()
                : thrown.getMessage();
    }

    private static boolean isAmong(Throwable thrown, Class<? extends Throwable> type) {
        return among(thrown, type).isPresent();
    }

    private static <T extends Throwable> Optional<T> among(Throwable thrown, Class<T> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return "%s cannot be reached: %s".formatted(server, why);
    }
}
