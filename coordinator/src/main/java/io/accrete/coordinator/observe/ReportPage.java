package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Heat;
import io.accrete.coordinator.observe.Report.Table;

import java.util.List;

/**
 * A report as one HTML page that needs nothing beside itself: no script, no other host; light or
 * dark as its reader has it.
 */
public final class ReportPage {
    private static final String STYLE =
            """
            :root { color-scheme: light dark; --ink: #1c1f23; --paper: #ffffff; --soft: #667077;
              --line: #d9dee2; --c0: #1f6feb; --c1: #c2410c; --c2: #15803d; --c3: #9333ea;
              --c4: #0e7490; --c5: #a16207; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #14171a;
              --soft: #98a2aa; --line: #30363c; --c0: #6cb0ff; --c1: #fb923c; --c2: #4ade80;
              --c3: #c99bff; --c4: #67d8ef; --c5: #facc15; } }
            body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
              background: var(--paper); max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.6rem; line-height: 1.2; }
            h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
            p.lead, p.note { color: var(--soft); }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { padding: .3rem .5rem; text-align: right; }
            th, td { border-bottom: 1px solid var(--line); }
            th:first-child, td:first-child { text-align: left; }
            th { color: var(--soft); font-weight: 600; }
            .wide { overflow-x: auto; }
            svg { width: 100%; height: auto; display: block; }
            svg text.tick { font-size: 11px; fill: var(--soft); }
            svg text.end { text-anchor: end; } svg text.middle { text-anchor: middle; }
            line.grid { stroke: var(--line); }
            line.mark { stroke: var(--soft); stroke-dasharray: 3 3; }
            path.curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
            rect.layer { fill: var(--c0); }
            rect.heat { fill: var(--c0); }
            table.prose th, table.prose td { text-align: left; vertical-align: top; width: 33%;
              overflow-wrap: anywhere; }
            rect.clone { fill: var(--paper); stroke: var(--c0); }
            .legend { font-size: .85rem; color: var(--soft); margin: .2rem 0; }
            .key { margin-right: 1rem; } .key::before { content: "\\25A0\\00A0"; }
            """
                    + colours();

    private ReportPage() {}

    private static String colours() {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < LineChart.COLOURS; i++) {
            rules.append(
                    "path.c%d { stroke: var(--c%d); } .key.c%d::before { color: var(--c%d); }\n"
                            .formatted(i, i, i, i));
        }
        return rules.toString();
    }

    public static String html(Report report) {
        StringBuilder page = new StringBuilder();
        page.append(
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <h1>%s</h1>
                <p class="lead">%s</p>
                """
                        .formatted(
                                Html.escaped(report.title()),
                                STYLE,
                                Html.escaped(report.title()),
                                Html.escaped(report.lead())));
        report.tables().forEach(table -> page.append(table(table)));
        if (!report.sites().isEmpty()) {
            page.append("<h2>Layers</h2>\n").append(new SiteDiagram(report.sites()).svg());
            page.append(
                    "<p class=\"note\">Each column is a layer of the model, its height the layer"
                            + " that it comes from; clones are hollow.</p>\n");
        }
        report.charts().forEach(chart -> page.append(chart(chart)));
        report.heats().forEach(heat -> page.append(heat(heat)));
        report.papers().forEach(table -> page.append(table(table)));
        return page.append("</body>\n</html>\n").toString();
    }

    private static String chart(Chart chart) {
        LineChart drawn =
                new LineChart(
                        chart.title(),
                        chart.unit(),
                        chart.across(),
                        chart.curves(),
                        chart.events().stream()
                                .map(event -> new LineChart.Mark(event.step(), event.word()))
                                .toList());
        String svg = drawn.svg();
        return svg.isEmpty()
                ? ""
                : "<h2>%s</h2>\n%s%s".formatted(Html.escaped(chart.title()), drawn.legend(), svg);
    }

    private static String heat(Heat heat) {
        String svg = new HeatMap(heat).svg();
        return svg.isEmpty()
                ? ""
                : "<h2>%s</h2>\n%s<p class=\"note\">%s</p>\n"
                        .formatted(Html.escaped(heat.title()), svg, Html.escaped(heat.note()));
    }

    private static String table(Table table) {
        StringBuilder html = new StringBuilder();
        html.append(
                "<h2>%s</h2>\n<div class=\"wide\"><table%s>\n"
                        .formatted(
                                Html.escaped(table.title()),
                                table.prose() ? " class=\"prose\"" : ""));
        html.append(row("th", table.columns()));
        table.rows().forEach(row -> html.append(row("td", row)));
        html.append("</table></div>\n");
        if (!table.note().isEmpty()) {
            html.append("<p class=\"note\">%s</p>\n".formatted(Html.escaped(table.note())));
        }
        return html.toString();
    }

    private static String row(String kind, List<String> cells) {
        StringBuilder row = new StringBuilder("<tr>");
        for (String cell : cells) {
            row.append("<%s>%s</%s>".formatted(kind, Html.escaped(cell), kind));
        }
        return row.append("</tr>\n").toString();
    }
}
