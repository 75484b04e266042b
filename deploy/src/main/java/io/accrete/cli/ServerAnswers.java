package io.accrete.cli;

import io.accrete.protocol.http.ApiJson;

import java.util.List;

/** What a server answered: lines for people, or under {@code --json} its own JSON. */
final class ServerAnswers {
    private final Surroundings surroundings;
    private final OutputOptions output;

    ServerAnswers(Surroundings surroundings, OutputOptions output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    /**
     * @param record of the HTTP interface
     * @param lines the same for people
     */
    void print(Object record, List<String> lines) {
        if (output.json()) {
            surroundings.out().println(ApiJson.write(record));
        } else {
            lines.forEach(surroundings.out()::println);
        }
    }

    void print(Object record, String line) {
        print(record, List.of(line));
    }
}
