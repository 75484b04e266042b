package io.accrete.cli;

import picocli.CommandLine.IVersionProvider;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which build this is. */
final class Version implements IVersionProvider {
    /** For example {@code 0.1.0}. */
    static String number() {
        return properties().getProperty("version");
    }

    @Override
    public String[] getVersion() {
        Properties properties = properties();
        return new String[] {
            "accrete " + properties.getProperty("version"),
            "Java %s (%s), Akka %s, DJL %s with libtorch %s"
                    .formatted(
                            System.getProperty("java.version"),
                            System.getProperty("java.vendor"),
                            properties.getProperty("akka"),
                            properties.getProperty("djl"),
                            properties.getProperty("libtorch"))
        };
    }

    private static Properties properties() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("version.properties is part of this jar", e);
        }
        return properties;
    }
}
