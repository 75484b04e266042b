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
                    + " each tensor could be compared."
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
        }
        if (readable && digests) {
            verification.digestAll();
        }
        if (readable && forward) {
            verification.forward();
        }
        boolean ok = verification.problems().stream().noneMatch(Problem::isError);
        verification.problems().forEach(problem -> surroundings.err().print(problem.render()));
        if (output.json()) {
            new JsonLines(surroundings.out()).write(json(ok, contents, verification));
        } else {
            print(ok, contents, verification, receipts);
        }
        return (ok ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private Map<String, @Nullable Object> json(
            boolean ok, ModelContents contents, Verification verification) {
        Map<String, @Nullable Object> json =
                JsonLines.object(
                        "ok", ok,
                        "tensors", contents.tensors().size(),
                        "bytes", contents.bytes(),
                        "compared", verification.compared(),
                        "not_compared", verification.notCompared(),
                        "problems", verification.problems());
        if (digests) {
            json.put("digests", verification.digests());
        }
        return json;
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
