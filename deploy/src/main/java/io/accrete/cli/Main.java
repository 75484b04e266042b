package io.accrete.cli;

import io.accrete.local.MergeRun;
import io.accrete.node.NodeStart;
import io.accrete.remote.RemoteJobs.Verb;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The program {@code accrete}: finds the command and turns what came of it into an exit code. */
@Command(
        name = "accrete",
        description = "Grows language models by layer surgery, as jobs that cannot be lost.",
        optionListHeading = "%noptions:%n",
        commandListHeading = "%ncommands (`accrete COMMAND --help` explains one):%n",
        footer = {
            "",
            "exit codes: 0 done, 1 job failed, 2 usage, 3 invalid input file, 4 plan refused,",
            "            5 coordinator not reachable, 6 cancelled, 7 node given up by its cluster,",
            "            130 interrupted (143: by SIGTERM)"
        },
        versionProvider = Version.class)
public final class Main implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    private static final int USAGE_COLUMNS = 100;
    private static final Set<String> MERGING = Set.of("merge", "demo");
    private static final Set<String> NODES = Set.of("serve", "worker");

    private Main() {}

    /** Runs in this process and ends it. */
    public static void main(String[] arguments) {
        if (arguments.length > 0 && MERGING.contains(arguments[0])) {
            MergeRun.prepare(); // which takes as long as to look at the options
        } else if (arguments.length > 0 && NODES.contains(arguments[0])) {
            NodeStart.prepare();
        }
        System.exit(execute(Surroundings.ofProcess(), arguments));
    }

    /** A stream swallows what goes wrong while it is written to, so it is asked at the end. */
    private static int checked(Surroundings surroundings, int code) {
        // Who reads a pipe may stop when it has read enough, as `head` does: that is no failure.
        if (!surroundings.out().checkError() || surroundings.out() instanceof OutputPipe) {
            return code;
        }
        surroundings
                .err()
                .println("standard output could not be written to its end: is its disk full?");
        return code == ExitCode.DONE.code() ? ExitCode.JOB_FAILED.code() : code;
    }

    /** Runs one command line; the result is the exit code. */
    static int execute(Surroundings surroundings, String... arguments) {
        CommandLine commandLine = commandLine(surroundings, arguments);
        commandLine.setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8));
        commandLine.setUsageHelpWidth(USAGE_COLUMNS);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(new UsageReport());
        commandLine.setExecutionExceptionHandler(new FailureReport(surroundings));
        return checked(surroundings, commandLine.execute(arguments));
    }

    /** With all of its commands, as nobody runs it. */
    static CommandLine whole(Surroundings surroundings) {
        return commandLine(surroundings);
    }

    private static CommandLine commandLine(Surroundings surroundings, String... arguments) {
        CommandLine commandLine = new CommandLine(new Main());
        add(commands(surroundings), arguments, commandLine);
        commandLine
                .getCommandSpec()
                .addOption(
                        OptionSpec.builder("-V", "--version")
                                .versionHelp(true)
                                .description("say which version this is")
                                .build());
        layOut(commandLine);
        return commandLine;
    }

    private static void layOut(CommandLine command) {
        command.getSubcommands().values().forEach(Main::layOut);
        command.getCommandSpec()
                .addOption(
                        OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .description("explain this command")
                                .build())
                .usageMessage()
                .synopsisHeading("usage: ")
                .abbreviateSynopsis(true)
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading("%noptions:%n");
    }

    private static Map<String, Supplier<Object>> commands(Surroundings surroundings) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("demo", () -> new DemoCommand(surroundings));
        commands.put("plan", () -> new PlanCommand(surroundings));
        commands.put("merge", () -> new MergeCommand(surroundings));
        commands.put("train", () -> new TrainCommand(surroundings));
        commands.put("grow", () -> new GrowCommand(surroundings));
        commands.put("ablate", () -> new AblateCommand(surroundings));
        commands.put("inspect", () -> new InspectCommand(surroundings));
        commands.put("diff", () -> new DiffCommand(surroundings));
        commands.put("verify", () -> new VerifyCommand(surroundings));
        commands.put("eval", () -> new EvalCommand(surroundings));
        commands.put("generate", () -> new GenerateCommand(surroundings));
        commands.put("serve", () -> NodeOptions.added(new ServeCommand(surroundings), true));
        commands.put("worker", () -> NodeOptions.added(new WorkerCommand(surroundings), false));
        commands.put("submit", () -> new SubmitCommand(surroundings));
        commands.put("jobs", () -> new JobsCommand(surroundings));
        commands.put("show", () -> new ShowCommand(surroundings));
        commands.put("watch", () -> new WatchCommand(surroundings));
        commands.put("workers", () -> new WorkersCommand(surroundings));
        commands.put("drain", () -> new DrainCommand(surroundings));
        commands.put("logs", () -> new LogsCommand(surroundings));
        commands.put(
                "pause",
                () ->
                        steer(
                                surroundings,
                                Verb.PAUSE,
                                "pause",
                                "Grants no more tasks of a job until it is resumed."));
        commands.put(
                "resume",
                () -> steer(surroundings, Verb.RESUME, "resume", "Goes on with a paused job."));
        commands.put(
                "cancel",
                () ->
                        steer(
                                surroundings,
                                Verb.CANCEL,
                                "cancel",
                                "Ends a job; nothing of it is published."));
        commands.put("delete", () -> new DeleteCommand(surroundings));
        commands.put("rollback", () -> new RollBackCommand(surroundings));
        commands.put("metrics", () -> new MetricsCommand(surroundings));
        commands.put("export", () -> new ExportCommand(surroundings));
        commands.put("context", () -> new ContextCommand(surroundings));
        commands.put("completion", () -> new CompletionCommand(surroundings));
        commands.put("doctor", () -> NodeOptions.added(new DoctorCommand(surroundings), true));
        return commands;
    }

    private static CommandLine steer(
            Surroundings surroundings, Verb verb, String name, String description) {
        CommandLine command = new CommandLine(new SteerCommand(surroundings, verb));
        command.getCommandSpec().name(name).usageMessage().description(description);
        return command;
    }

    /** Only the command that is asked for, if one is: to look at them all takes 0.1 s. */
    private static void add(
            Map<String, Supplier<Object>> commands, String[] arguments, CommandLine commandLine) {
        String first = arguments.length == 0 ? "" : arguments[0];
        commands.forEach(
                (name, command) -> {
                    if (name.equals(first) || !commands.containsKey(first)) {
                        commandLine.addSubcommand(name, command.get());
                    }
                });
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }
}
