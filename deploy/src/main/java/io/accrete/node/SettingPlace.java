package io.accrete.node;

import com.typesafe.config.ConfigOrigin;

import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Where a setting was made.
 *
 * @param name as people name it there: {@code --http}, {@code ACCRETE_HTTP}, {@code http}
 * @param file of settings, if it stands in one
 * @param line in that file
 */
record SettingPlace(String name, @Nullable String file, @Nullable Integer line) {

    static SettingPlace of(String name) {
        return new SettingPlace(name, null, null);
    }

    static SettingPlace in(Path file, ConfigOrigin origin, String name) {
        int line = origin.lineNumber();
        return new SettingPlace(name, file.toString(), line > 0 ? line : null);
    }

    Problem problem(String code, String message, String fix) {
        return new Problem(Problem.Severity.ERROR, code, file, line, null, message, fix, null);
    }

    @Override
    public String toString() {
        return file == null ? name : line == null ? file : file + ":" + line;
    }
}
