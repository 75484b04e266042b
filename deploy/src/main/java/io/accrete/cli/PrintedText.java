package io.accrete.cli;

import io.accrete.worker.data.ModelTokenizer;

import java.util.Arrays;

/** A text that grows by tokens, printed as far as it is certain: a character may be several. */
final class PrintedText {
    private static final char INCOMPLETE = '\uFFFD';

    private final ModelTokenizer tokenizer;
    private long[] ids;
    private int printed;

    PrintedText(ModelTokenizer tokenizer, long[] ids) {
        this.tokenizer = tokenizer;
        this.ids = ids;
    }

    String begun() {
        return more();
    }

    /** What one more id adds; empty while its character is incomplete. */
    String with(long id) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
        return more();
    }

    /** What was held back. */
    String rest() {
        String rest = whole().substring(printed);
        printed += rest.length();
        return rest;
    }

    String whole() {
        return tokenizer.decode(ids);
    }

    private String more() {
        String text = whole();
        if (text.length() <= printed || text.charAt(text.length() - 1) == INCOMPLETE) {
            return "";
        }
        String more = text.substring(printed);
        printed = text.length();
        return more;
    }
}
