package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.Words;

import java.util.List;
import java.util.Optional;

/** What {@code chat_template} may be: {@code auto}, a built-in name, or a Jinja text. */
final class ChatTemplate {
    private static final List<String> NAMES =
            List.of("auto", "alpaca", "chatml", "exaone", "llama3", "mistral");
    private static final int SHORTEST_TEXT = 20;

    private ChatTemplate() {}

    static Optional<Located<String>> read(Section document, ProblemLog log) {
        Optional<Located<String>> written = document.text("chat_template");
        if (written.isEmpty()) {
            return written;
        }
        String value = written.get().value();
        boolean literal = value.length() >= SHORTEST_TEXT && value.contains("{");
        if (literal || NAMES.contains(value)) {
            return written;
        }
        String meant = Words.didYouMean(value, NAMES);
        log.error(
                RecipeFault.CHAT_TEMPLATE,
                written.get().at(),
                "chat_template '"
                        + Words.shortened(value)
                        + "' is unknown; allowed are "
                        + String.join(", ", NAMES)
                        + ", or the text of a Jinja template",
                meant.isEmpty() ? "choose one of these names, or paste the template" : meant);
        return Optional.empty();
    }
}
