package io.accrete.coordinator.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.Examination;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

class ReportPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Examination EXAMINATION =
            new Examination(
                    100,
                    2.5,
                    2.25,
                    List.of(
                            site(0, 0, 0, null),
                            site(1, 1, 0, null),
                            site(2, 1, 1, 2.75),
                            site(3, 2, 0, null)),
                    new Examination.Drift(0.1, 0.1, 0.9),
                    List.of(new Examination.Sample("Once", " upon <a> time", " there was")),
                    new Examination.Pace(1.5),
                    new Examination.Pace(2),
                    new Examination.Grown(
                            3.25,
                            List.of(
                                    site(0, 0, 0, null),
                                    site(1, 1, 0, null),
                                    site(2, 1, 1, 3.5),
                                    site(3, 2, 0, null)),
                            new Examination.Drift(0.4, 0.4, 0.7)),
                    new Examination.Validation(5000, 2.125));

    private static final Certificate CERTIFICATE =
            new Certificate(
                    1,
                    "accrete 1",
                    "25",
                    "libtorch-x",
                    "0a1b",
                    7,
                    JSON.createObjectNode()
                            .put("steps", 4)
                            .putNull("grow")
                            .set(
                                    "batch",
                                    JSON.createObjectNode().put("micro_batch", 4).put("more", "<")),
                    Lineage.plain("m", 3).choose(List.of(0, 1, 1, 2)).sites(),
                    new Certificate.Inputs(
                            List.of(new Certificate.WeightFile("/m/w", 1234, 5, "77aa")),
                            List.of(new Certificate.Text("/t.txt", 99, "88bb")),
                            List.of()),
                    new Certificate.Result(42, "99cc"),
                    new Certificate.Metrics(4, 256, 0.75, 2.125, 2.5, 1.25, 63, 4, 1.125),
                    new Certificate.Run(
                            true, 2, List.of(3), List.of(), Collections.emptySortedMap()),
                    null);

    private static Examination.SiteFigures site(
            int site, int layer, int occurrence, @Nullable Double without) {
        return new Examination.SiteFigures(
                site,
                layer,
                occurrence,
                new Examination.Drift(0.1 * site, 0.2, 0.9),
                new Examination.Drift(0.3, 0.3, 0.8),
                without,
                null,
                null);
    }

    /** Whose third step was the best of four, and is published. */
    private static Certificate best() {
        return new Certificate(
                CERTIFICATE.format(),
                CERTIFICATE.program(),
                CERTIFICATE.java(),
                CERTIFICATE.numericClass(),
                CERTIFICATE.job(),
                CERTIFICATE.seed(),
                CERTIFICATE.settings(),
                CERTIFICATE.sites(),
                CERTIFICATE.inputs(),
                CERTIFICATE.result(),
                new Certificate.Metrics(4, 256, 0.75, 2.125, 2.5, 1.0625, 63, 3, 1.125),
                CERTIFICATE.run(),
                null);
    }

    private static String page(List<JsonNode> metrics, String title) {
        return page(metrics, title, CERTIFICATE);
    }

    private static String page(List<JsonNode> metrics, String title, Certificate certificate) {
        return page(metrics, title, certificate, EXAMINATION);
    }

    private static String page(
            List<JsonNode> metrics, String title, Certificate certificate, Examination look) {
        return ReportPage.html(
                TrainingReport.of(
                        new TrainingReport.Subject(
                                title,
                                Lineage.plain("m", 3).choose(List.of(0, 1, 1, 2)).sites(),
                                new TrainingReport.Size(3, 800, 1_400, 384),
                                new TrainingReport.Size(4, 1000, 1_800, 512),
                                300,
                                List.of("nearest shape: <8B>", "a judgement")),
                        metrics,
                        Optional.of(look),
                        certificate));
    }

    private static List<JsonNode> metrics() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        lines.add(
                JSON.readTree("{\"step\": 0, \"validation\": {\"loss\": 2.5, \"tokens\": 5000}}"));
        for (int step = 1; step <= 4; step++) {
            lines.add(
                    JSON.readTree(
                            """
                            {"step": %d, "tokens": 64, "loss": %s, "grad_norm": 1.5,
                             "site_grad_norms": [0.1, null, 10, 1],
                             "learning_rate": 1e-3, "skipped": %s,
                             "bubble": 0.125, "bubble_of_even_stages": 0.1, "stages": [
                               {"forward_seconds": 0.001, "backward_seconds": 0.002,
                                "waiting_seconds": 0.0015, "resident_bytes": 512000000}]}
                            """
                                    .formatted(step, step == 3 ? null : 3.0 / step, step == 3)));
        }
        lines.add(
                JSON.readTree("{\"step\": 4, \"validation\": {\"loss\": 1.25, \"tokens\": 5000}}"));
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
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(7);
        assertThat(page.getElementsByTagName("rect").getLength())
                .as("4 layers, and 3 that learn at 4 steps")
                .isEqualTo(4 + 12);
        assertThat(page.getElementsByTagName("path").getLength()).isEqualTo(8 + 4);
        assertThat(page.getElementsByTagName("table").item(0).getTextContent())
                .contains(
                        "untouched base2.12508.37295,000",
                        "grown, before the first step2.500012.18255,000",
                        "published, after step 41.25003.49035,000",
                        "the fair bar: its base after as many steps1.12503.08025,000")
                .doesNotContain("not published");
        assertThat(page.getDocumentElement().getTextContent())
                .contains("stage 01.02.01.5512", "12.5 % measured, 10.0 % by the formula");
        assertThat(page.getElementsByTagName("p").item(0).getTextContent())
                .isEqualTo("4 steps on 256 tokens; 1,000 parameters, 300 learnt.");
    }

    @Test
    void whereAnEarlierStepIsPublishedItsLossIsTheOneThatCounts() throws Exception {
        List<JsonNode> metrics = metrics();
        metrics.add(
                4,
                JSON.readTree(
                        "{\"step\": 3, \"validation\": {\"loss\": 1.0625, \"tokens\": 5000}}"));
        Document page = parsed(page(metrics, "t", best()));
        assertThat(page.getElementsByTagName("table").item(0).getTextContent())
                .contains(
                        "published, after step 31.06252.8936",
                        "not published, after the last step, 41.25003.4903");
    }

    @Test
    void theResultStandsBesideItsBase() throws Exception {
        Document page = parsed(page(metrics(), "t"));
        List<String> tables = new ArrayList<>();
        for (int i = 0; i < page.getElementsByTagName("table").getLength(); i++) {
            tables.add(page.getElementsByTagName("table").item(i).getTextContent());
        }
        assertThat(tables).anyMatch(table -> table.contains("loss2.50003.25002.2500"));
        assertThat(tables).anyMatch(table -> table.contains("perplexity12.182525.79039.4877"));
        assertThat(tables).anyMatch(table -> table.contains("last states0.40000.1000"));
        assertThat(tables).anyMatch(table -> table.contains("layer 2, of 12.7500+0.5000"));
        assertThat(tables).anyMatch(table -> table.contains("layer 2, of 13.5000+0.2500"));
        assertThat(tables).anyMatch(table -> table.contains("Once upon <a> time there was"));
        assertThat(tables)
                .anyMatch(table -> table.contains("key-value cache, bytes a token384512"));
        assertThat(page.getDocumentElement().getTextContent())
                .contains("Nearest shape: <8B>. A judgement.");
    }

    @Test
    void aDistanceFromZeroIsNoNumberAndNoPointOfACurve() throws Exception {
        Examination.Drift none = new Examination.Drift(null, null, null);
        Examination fromZero =
                new Examination(
                        EXAMINATION.tokens(),
                        EXAMINATION.baseLoss(),
                        EXAMINATION.loss(),
                        List.of(new Examination.SiteFigures(0, 0, 0, none, none, null, null, null)),
                        none,
                        List.of(),
                        EXAMINATION.basePace(),
                        EXAMINATION.pace(),
                        new Examination.Grown(2.5, List.of(), new Examination.Drift(0.0, 0.0, 1.0)),
                        null);
        Document page = parsed(page(metrics(), "t", CERTIFICATE, fromZero));
        assertThat(page.getDocumentElement().getTextContent())
                .contains("last states0.0000-")
                .doesNotContain("NaN", "null");
    }

    @Test
    void whatTheTrainingAnswersForIsThere() throws Exception {
        Document page = parsed(page(metrics(), "t"));
        var tables = page.getElementsByTagName("table");
        assertThat(tables.item(tables.getLength() - 1).getTextContent())
                .contains(
                        "written byaccrete 1, Java 25",
                        "numeric classlibtorch-x",
                        "job0a1b",
                        "seed7",
                        "lineagelayers 0..1, 1..2 of m",
                        "disturbedyes: went on from a checkpoint, times: 2; skipped steps 3",
                        "weights, /m/w1,234 bytes, SHA-256 of the header 77aa",
                        "trained on, /t.txt99 bytes, SHA-256 88bb",
                        "42 tensors, SHA-256 of all 99cc",
                        "validation loss of the untouched base 2.125000, 2.500000 before,"
                                + " 1.250000 after, in windows of 63",
                        "setting, steps4",
                        "setting, grownone",
                        "setting, batchmicro_batch 4, more <");
    }

    @Test
    void gatesAreCurvesOverTheSteps() throws Exception {
        assertThat(gates(metrics(), 0)).isEmpty();
        assertThat(gates(metrics(), 2)).containsExactly("layer 0", "layer 1");
        assertThat(gates(metrics(), 9)).containsExactly("lowest", "mean", "highest");
    }

    /** Names of the curves of attention's gates, with gates in the first layers. */
    private static List<String> gates(List<JsonNode> metrics, int layers) throws Exception {
        for (JsonNode line : metrics) {
            ArrayNode gates = ((ObjectNode) line).putArray("attention_gates");
            for (int site = 0; site < layers; site++) {
                gates.add(0.5 + 0.1 * site);
            }
            gates.addNull();
        }
        Document page = parsed(page(metrics, "t"));
        var titles = page.getElementsByTagName("h2");
        for (int i = 0; i < titles.getLength(); i++) {
            if (titles.item(i).getTextContent().equals("Gates on attention")) {
                String legend = titles.item(i).getNextSibling().getNextSibling().getTextContent();
                return List.of(legend.strip().split(" (?=layer|mean|highest)"));
            }
        }
        return List.of();
    }

    @Test
    void theLargestGradientIsTheDarkest() throws Exception {
        Document page = parsed(page(metrics(), "t"));
        List<String> shades = new ArrayList<>();
        for (int i = 0; i < page.getElementsByTagName("rect").getLength(); i++) {
            var shade = page.getElementsByTagName("rect").item(i).getAttributes();
            if (shade.getNamedItem("fill-opacity") != null) {
                shades.add(shade.getNamedItem("fill-opacity").getTextContent());
            }
        }
        assertThat(shades.subList(0, 3)).containsExactly("0.06", "1.00", "0.53");
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
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(3);
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
