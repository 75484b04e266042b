package io.accrete.cli;

import io.accrete.node.NodeRefusal;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.tls.PemException;
import io.accrete.remote.ServerException;
import io.accrete.worker.data.DataException;
import io.accrete.worker.tensor.EngineException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says in a sentence why a command ended before its work was done. */
final class FailureReport implements IExecutionExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(FailureReport.class);

    private final Surroundings surroundings;

    FailureReport(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed)
            throws Exception {
        if (failure instanceof CommandLine.ParameterException usage) {
            throw usage;
        }
        Refusal refusal = refusal(failure);
        refusal.problems().forEach(problem -> surroundings.err().print(problem.render()));
        if (command.getParseResult().hasMatchedOption("--json")) {
            Map<String, @Nullable Object> said =
                    JsonLines.object("ok", false, "problems", refusal.problems());
            refusal.key().ifPresent(key -> said.put("key", key));
            new JsonLines(surroundings.out()).write(said);
        }
        boolean verbose = command.getParseResult().hasMatchedOption("--verbose");
        if (verbose && !(failure instanceof Refusal)) {
            LOG.error("what happened", failure);
        }
        return refusal.exitCode().code();
    }

    private static Refusal refusal(Exception failure) {
        return switch (failure) {
            case Refusal refusal -> refusal;
            case ServerException e -> refusal(e);
            case NodeRefusal e -> refusal(e);
            case PemException e ->
                    new Refusal(
                            ExitCode.INVALID_INPUT,
                            List.of(
                                    Problem.error(
                                            "CLU-104",
                                            e.file(),
                                            String.valueOf(e.getMessage()),
                                            e.fix())));
            case DataException e -> refusal(e);
            case EngineException e ->
                    new Refusal(
                            ExitCode.JOB_FAILED,
                            List.of(
                                    Problem.error(
                                            "RES-201", null, String.valueOf(e.getMessage()), "")));
            case UncheckedIOException e when e.getCause() != null -> refusal(e.getCause());
            case NoSuchFileException e ->
                    storage("STO-201", e.getFile(), StorageFailure.reason(e), "");
            case AccessDeniedException e ->
                    storage(
                            "STO-202",
                            e.getFile(),
                            StorageFailure.reason(e),
                            "check the permissions of the file and of its folder");
            case NotDirectoryException e ->
                    storage("STO-203", e.getFile(), StorageFailure.reason(e), "");
            case FileSystemException e ->
                    storage("STO-204", e.getFile(), StorageFailure.reason(e), "");
            case IOException e -> storage("STO-204", null, StorageFailure.reason(e), "");
            default ->
                    new Refusal(
                            ExitCode.JOB_FAILED,
                            List.of(
                                    Problem.error(
                                            "INT-201",
                                            null,
                                            "unexpected " + failure,
                                            "this is a fault of accrete: report it, with what"
                                                    + " `--verbose` prints")));
        };
    }

    /** A flag is usage, a file is input. */
    private static Refusal refusal(NodeRefusal e) {
        ExitCode code =
                switch (e.kind()) {
                    case SETTINGS ->
                            e.problems().stream().allMatch(problem -> problem.file() == null)
                                    ? ExitCode.USAGE
                                    : ExitCode.INVALID_INPUT;
                    case MACHINE -> ExitCode.JOB_FAILED;
                    case AWAY -> ExitCode.UNREACHABLE;
                };
        return new Refusal(code, e.problems());
    }

    private static Refusal refusal(DataException e) {
        return new Refusal(
                ExitCode.INVALID_INPUT,
                List.of(
                        new Problem(
                                Problem.Severity.ERROR,
                                e.code(),
                                e.file().toString(),
                                e.line() == 0 ? null : e.line(),
                                null,
                                String.valueOf(e.getMessage()),
                                e.fix(),
                                null)));
    }

    static Refusal refusal(ServerException e) {
        if (e.problem().isEmpty()) {
            return new Refusal(
                    ExitCode.UNREACHABLE,
                    List.of(
                            Problem.error(
                                    "CLU-201", null, String.valueOf(e.getMessage()), e.fix())));
        }
        ProblemDetail detail = e.problem().get();
        List<Problem> problems = new ArrayList<>();
        problems.add(Problem.error(detail.code(), null, detail.detail(), ""));
        problems.addAll(detail.errors());
        ExitCode code =
                switch (detail.status()) {
                    case 400, 413, 422 -> ExitCode.INVALID_INPUT;
                    case 503 -> ExitCode.UNREACHABLE;
                    default -> ExitCode.JOB_FAILED;
                };
        return new Refusal(code, problems);
    }

    private static Refusal storage(String code, @Nullable String file, String message, String fix) {
        return new Refusal(ExitCode.JOB_FAILED, List.of(Problem.error(code, file, message, fix)));
    }
}
