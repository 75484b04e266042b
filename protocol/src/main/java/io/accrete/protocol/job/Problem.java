package io.accrete.protocol.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.accrete.protocol.model.Finding;
import io.accrete.protocol.tensor.PlainText;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with an input, with where it is and how to fix it. Shown on the command
 * line, in JSON output and in HTTP problem documents.
 *
 * @param code stable, e.g. {@code RCP-014}; families are RCP recipe, TRN training job, PLN plan,
 *     FMT file format, STO store, RES resources, CLU cluster, INT internal
 * @param file the file that has the mistake, if it is in one
 * @param line 1-based, if known
 * @param column 1-based, if known
 * @param message what was found and what is allowed
 * @param fix how to mend it
 * @param snippet the line of the file, without its newline, if there is one to show
 */
public record Problem(
        Severity severity,
        String code,
        @Nullable String file,
        @Nullable Integer line,
        @Nullable Integer column,
        String message,
        String fix,
        @Nullable String snippet) {

    private static final int TEXT_MAX = 1_000;

    public enum Severity {
        @JsonProperty("error")
        ERROR,
        @JsonProperty("warning")
        WARNING
    }

    /** What is wrong with a model folder. */
    public static Problem of(Finding finding) {
        return new Problem(
                finding.isError() ? Severity.ERROR : Severity.WARNING,
                finding.code(),
                finding.file().toString(),
                null,
                null,
                finding.message(),
                finding.fix(),
                null);
    }

    /** An error that is in no line of a file. */
    public static Problem error(String code, @Nullable String file, String message, String fix) {
        return new Problem(Severity.ERROR, code, file, null, null, message, fix, null);
    }

    /** The same, taken for an error. */
    public Problem asError() {
        return new Problem(Severity.ERROR, code, file, line, column, message, fix, snippet);
    }

    /** The same, taken for a warning. */
    public Problem asWarning() {
        return new Problem(Severity.WARNING, code, file, line, column, message, fix, snippet);
    }

    /** With no text that is longer than anybody reads: whoever writes names can make them so. */
    public Problem shortened() {
        return new Problem(
                severity,
                code,
                file,
                line,
                column,
                shortened(message),
                shortened(fix),
                snippet == null ? null : shortened(snippet));
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
    }

    @JsonIgnore
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** The error sentence of the command line, over several lines, fit for a terminal. */
    public String render() {
        StringBuilder text = new StringBuilder();
        if (file != null) {
            text.append(PlainText.of(file));
            if (line != null) {
                text.append(':').append(line);
                if (column != null) {
                    text.append(':').append(column);
                }
            }
            text.append("  ");
        }
        text.append(isError() ? "" : "warning ").append('[');
        text.append(PlainText.of(code)).append("] ");
        text.append(PlainText.of(message)).append('\n');
        if (snippet != null && line != null) {
            String number = String.format("%5d", line);
            text.append(number).append(" | ").append(PlainText.of(snippet)).append('\n');
            if (column != null) {
                text.append(" ".repeat(number.length())).append(" | ");
                text.append(" ".repeat(Math.max(0, column - 1))).append("^\n");
            }
        }
        if (!fix.isBlank()) {
            text.append("  fix: ").append(PlainText.of(fix)).append('\n');
        }
        return text.toString();
    }
}
