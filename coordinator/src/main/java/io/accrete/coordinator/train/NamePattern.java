package io.accrete.coordinator.train;

/**
 * A pattern for whole names.
 *
 * @param text {@code *} stands for any run of characters, dots too, {@code ?} for one
 */
record NamePattern(String text) {

    boolean matches(String name) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resumed = 0;
        while (in < name.length()) {
            if (at < text.length() && text.charAt(at) == '*') {
                star = at++;
                resumed = in;
            } else if (at < text.length()
                    && (text.charAt(at) == '?' || text.charAt(at) == name.charAt(in))) {
                at++;
                in++;
            } else if (star >= 0) {
                // the last star takes one character more; earlier ones never have to
                at = star + 1;
                in = ++resumed;
            } else {
                return false;
            }
        }
        while (at < text.length() && text.charAt(at) == '*') {
            at++;
        }
        return at == text.length();
    }
}
