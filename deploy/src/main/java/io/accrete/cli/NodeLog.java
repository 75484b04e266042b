package io.accrete.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;

import io.accrete.local.LogSetup;
import io.accrete.node.LogFormat;
import io.accrete.node.LogLevel;

import org.slf4j.LoggerFactory;

/** The log of a node, which people leave running: what the program did, and what went wrong. */
final class NodeLog {
    private static final String OURS = "io.accrete";

    private NodeLog() {}

    static void begin(LogFormat format, LogLevel level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogLine encoder = new LogLine(format);
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> standardError = new ConsoleAppender<>();
        standardError.setContext(context);
        standardError.setTarget("System.err");
        standardError.setEncoder(encoder);
        standardError.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(standardError);
        if (System.getProperty(LogSetup.LEVEL_PROPERTY) == null) {
            // What Akka tells at `info` is about messages and members; who is given up is a
            // warning.
            Level own = Level.toLevel(level.name());
            root.setLevel(own.isGreaterOrEqual(Level.WARN) ? own : Level.WARN);
            context.getLogger(OURS).setLevel(own);
        }
    }
}
