package io.accrete.coordinator.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.merge.Lineage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

class ReportPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String page(List<JsonNode> metrics, String title) {
        return ReportPage.html(
                TrainingReport.of(
                        new TrainingReport.Subject(
                                title,
                                Lineage.plain("m", 3).choose(List.of(0, 1, 1, 2)).sites(),
                                1000,
                                300,
                                512),
                        metrics));
    }

    private static List<JsonNode> metrics() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        lines.add(JSON.readTree("{\"step\": 0, \"validation\": {\"loss\": 2.5}}"));
        for (int step = 1; step <= 4; step++) {
            lines.add(
                    JSON.readTree(
                            """
                            {"step": %d, "tokens": 64, "loss": %s, "grad_norm": 1.5,
                             "learning_rate": 1e-3, "skipped": %s}
                            """
                                    .formatted(step, step == 3 ? null : 3.0 / step, step == 3)));
        }
        lines.add(JSON.readTree("{\"step\": 4, \"validation\": {\"loss\": 1.25}}"));
        return lines;
    }

    /** The page without its first line is well-formed XML, but for the void elements. */
    private static Document parsed(String page)
            throws ParserConfigurationException, SAXException, IOException {
        String xml =
                page.replace("<!doctype html>\n", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }

    @Test
    void aReportHasItsTablesAndCharts() throws Exception {
        Document page = parsed(page(metrics(), "heal.yml"));
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(4);
        assertThat(page.getElementsByTagName("rect").getLength()).isEqualTo(4);
        assertThat(page.getElementsByTagName("path").getLength()).isEqualTo(4);
        assertThat(page.getElementsByTagName("table").item(0).getTextContent())
                .contains("validation loss2.50001.2500", "perplexity12.18253.4903");
        assertThat(page.getElementsByTagName("p").item(0).getTextContent())
                .isEqualTo("4 steps on 256 tokens; 300 of 1,000 parameters learnt.");
    }

    @Test
    void aLossThatWasNotFiniteBreaksTheLine() throws IOException {
        String page = page(metrics(), "t");
        String path =
                page.lines().filter(line -> line.contains("curve c0")).findFirst().orElseThrow();
        assertThat(path.chars().filter(c -> c == 'M').count()).isEqualTo(2);
        assertThat(page).contains(">skipped</text>");
    }

    @Test
    void nothingIsFetchedAndNothingRuns() throws IOException {
        assertThat(page(metrics(), "t"))
                .doesNotContain("http", "src=", "@import", "url(", "<script", "onload");
    }

    @Test
    void textIsNeverMarkup() throws Exception {
        Document page = parsed(page(metrics(), "<b>\"a\" & b</b>"));
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
                .isEqualTo("<b>\"a\" & b</b>");
    }

    @Test
    void aTrainingWithoutStepsHasAPageToo() throws Exception {
        Document page = parsed(page(List.of(), "t"));
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10, 0, 2, 5",
        "1.83, 2.24, 1.8, 0.1, 5",
        "-3, 4, -4, 2, 4",
        "5, 5, 4.4, 0.2, 6",
        "0, 300, 0, 100, 3",
    })
    void marksOfAnAxisAreRound(double least, double most, double low, double step, int count) {
        Ticks ticks = Ticks.of(least, most);
        assertThat(ticks.low()).isCloseTo(low, within(1e-9));
        assertThat(ticks.step()).isCloseTo(step, within(1e-9));
        assertThat(ticks.count()).isEqualTo(count);
    }
}
