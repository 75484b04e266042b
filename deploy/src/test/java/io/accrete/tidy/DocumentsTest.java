package io.accrete.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.tidy.SourceTree.Source;

import org.junit.jupiter.api.Test;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be checked of documents: titles, links, the index of decisions. */
class DocumentsTest {

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)[^)]*\\)");
    private static final String DECISIONS = "docs/adr/";

    @Test
    void everyPageHasOneTitle() {
        assertThat(SourceTree.those(Source::isMarkdown))
                .as("pages. When this fails: one line `# Title`, all other headings below it")
                .allSatisfy(
                        page ->
                                assertThat(prose(page).stream().filter(l -> l.startsWith("# ")))
                                        .as(page.name())
                                        .hasSize(1));
    }

    @Test
    void relativeLinksLeadSomewhere() {
        List<String> broken = new ArrayList<>();
        for (Source page : SourceTree.those(Source::isMarkdown)) {
            for (String line : prose(page)) {
                Matcher link = LINK.matcher(line);
                while (link.find()) {
                    if (!leadsSomewhere(page, link.group(1))) {
                        broken.add(page.name() + ": " + link.group(1));
                    }
                }
            }
        }
        assertThat(broken)
                .as("links to nothing. When this fails: mend the path, or drop the link")
                .isEmpty();
    }

    @Test
    void everyDecisionIsInTheIndex() {
        List<Source> decisions =
                SourceTree.those(
                        file ->
                                file.isMarkdown()
                                        && file.name().startsWith(DECISIONS)
                                        && !file.name().endsWith("README.md"));
        String index =
                String.join(
                        "\n",
                        SourceTree.those(file -> file.name().equals(DECISIONS + "README.md"))
                                .getFirst()
                                .lines());
        assertThat(decisions)
                .as("decisions. When this fails: add a line to %sREADME.md", DECISIONS)
                .isNotEmpty()
                .allSatisfy(
                        page -> assertThat(index).contains("(" + page.path().getFileName() + ")"));
    }

    private static boolean leadsSomewhere(Source page, String target) {
        if (target.matches("[a-z]+:.*") || target.startsWith("#")) {
            return true;
        }
        String file = URLDecoder.decode(target.replaceFirst("#.*$", ""), StandardCharsets.UTF_8);
        Path folder = page.path().getParent();
        return folder != null && Files.exists(folder.resolve(file));
    }

    /** Its lines without fenced code. */
    private static List<String> prose(Source page) {
        List<String> lines = new ArrayList<>();
        boolean fenced = false;
        for (String line : page.lines()) {
            if (line.stripLeading().startsWith("```")) {
                fenced = !fenced;
            } else if (!fenced) {
                lines.add(line);
            }
        }
        return lines;
    }
}
