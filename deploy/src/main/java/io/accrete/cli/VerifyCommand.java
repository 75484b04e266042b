package io.accrete.cli;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.tensor.PlainText;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete verify}: whether a model is whole. */
@Command(
        name = "verify",
        description = {
            "Checks headers, index and config.json of a model against each other.",
            "Where a merge of accrete made it, computed tensors are compared with the digests in"
                    + " their receipts, copied ones with their sources: it is called whole only if"
                    + " each tensor could be compared.",
            "Where there is a certificate.json of a training, it is held against the result, its"
                    + " metrics, and the files that the training read."
        })
final class VerifyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "DIR", description = "a model folder")
    private String folder = "";

    @Option(names = "--digests", description = "print the SHA-256 of the values of every tensor")
    private boolean digests;

    @Option(names = "--quick", description = "read headers only, no values")
    private boolean quick;

    @Option(
            names = "--forward",
            description = "also run a few tokens through the model: are all its numbers finite?")
    private boolean forward;

    @Option(
            names = "--rerun",
            description =
                    "repeat the evaluation that the certificate of a training speaks of: has the"
                            + " model that loss?")
    private boolean rerun;

    @Mixin private OutputOptions output = new OutputOptions();

    VerifyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Refusal {
        ModelContents contents = ModelContents.open(surroundings.resolve(folder));
        Verification verification = new Verification(contents);
        Optional<Receipts> receipts = Receipts.of(contents.path());
        if (receipts.isPresent()) {
            verification.headers(receipts.get());
        }
        boolean readable = verification.problems().stream().noneMatch(Problem::isError);
        if (readable && receipts.isPresent() && !quick) {
            verification.values(receipts.get());
            verification.files(receipts.get());
        }
        if (readable && digests) {
            verification.digestAll();
        }
        if (readable && forward) {
            verification.forward();
        }
        Optional<CertificateCheck> certificate = CertificateCheck.of(contents.path());
        if (readable && certificate.isPresent() && !quick) {
            certificate.get().compare(receipts);
        }
        if (certificate.isEmpty()) {
            CertificateCheck.missing(contents.path(), receipts)
                    .ifPresent(verification.problems()::add);
        }
        if (readable && rerun) {
            repeat(contents, certificate);
        }
        certificate.ifPresent(check -> verification.problems().addAll(check.problems()));
        boolean ok = verification.problems().stream().noneMatch(Problem::isError);
        verification.problems().forEach(problem -> surroundings.err().print(problem.render()));
        if (output.json()) {
            new JsonLines(surroundings.out()).write(json(ok, contents, verification, certificate));
        } else {
            print(ok, contents, verification, receipts);
            certificate.ifPresent(this::print);
        }
        return (ok ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private Map<String, @Nullable Object> json(
            boolean ok,
            ModelContents contents,
            Verification verification,
            Optional<CertificateCheck> certificate) {
        Map<String, @Nullable Object> json =
                JsonLines.object(
                        "ok", ok,
                        "tensors", contents.tensors().size(),
                        "bytes", contents.bytes(),
                        "compared", verification.compared(),
                        "not_compared", verification.notCompared(),
                        "problems", verification.problems());
        certificate.ifPresent(check -> json.put("certificate", check.json()));
        if (digests) {
            json.put("digests", verification.digests());
        }
        return json;
    }

    private static void repeat(ModelContents contents, Optional<CertificateCheck> certificate)
            throws IOException, Refusal {
        if (certificate.isEmpty()) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    "FMT-209",
                    contents.path().toString(),
                    "there is no certificate.json, so no evaluation can be repeated",
                    "leave out --rerun");
        }
        certificate.get().repeat(contents.tensors().getFirst().spec().dtype());
    }

    private void print(CertificateCheck certificate) {
        if (certificate.problems().isEmpty() && !quick) {
            surroundings
                    .out()
                    .println("  its certificate agrees with the tensors and with the metrics");
        }
        certificate.inputs().stream()
                .filter(input -> !input.state().equals("same"))
                .forEach(
                        input ->
                                surroundings
                                        .out()
                                        .printf(
                                                "  the training read %s, which is %s%n",
                                                PlainText.of(input.path()), input.state()));
        certificate
                .repeated()
                .ifPresent(
                        again ->
                                surroundings
                                        .out()
                                        .printf(
                                                Locale.ROOT,
                                                "  validation loss %.6f, certified %.6f%n",
                                                again.loss(),
                                                again.certified()));
    }

    private void print(
            boolean ok,
            ModelContents contents,
            Verification verification,
            Optional<Receipts> receipts) {
        if (digests) {
            verification
                    .digests()
                    .forEach(
                            (name, digest) ->
                                    surroundings.out().println(digest + "  " + PlainText.of(name)));
        }
        surroundings
                .out()
                .printf(
                        "%s: %s, %s, %s%n",
                        folder,
                        verdict(ok, verification, receipts.isPresent()),
                        Quantity.of(contents.tensors().size(), "tensor"),
                        ByteCount.text(contents.bytes()));
        if (ok && forward) {
            surroundings.out().println("  a pass through all layers gives finite logits");
        }
        if (receipts.isEmpty()) {
            surroundings
                    .out()
                    .println("  no merge of accrete made it: only its own files were compared");
        } else if (!quick) {
            surroundings
                    .out()
                    .printf(
                            "  the values of %s agree with their receipts%n",
                            Quantity.of(verification.compared(), "tensor"));
            if (verification.notCompared() > 0) {
                surroundings
                        .out()
                        .printf(
                                "  the values of %s could not be compared: %s%n"
                                        + "  (a merge with --digests writes down what proves"
                                        + " them)%n",
                                Quantity.of(verification.notCompared(), "tensor"),
                                verification.absentSources());
            }
        }
    }

    /** Says no more than was looked at. */
    private String verdict(boolean ok, Verification verification, boolean hasReceipts) {
        if (!ok) {
            return "not whole";
        }
        return hasReceipts && !quick && verification.notCompared() == 0
                ? "whole"
                : "headers and sizes are right";
    }
}
