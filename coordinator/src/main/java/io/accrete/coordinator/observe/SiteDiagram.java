package io.accrete.coordinator.observe;

import io.accrete.protocol.merge.Site;

import java.util.List;

/** Which source layer stands at which site, as SVG: a step up for each layer, clones hollow. */
record SiteDiagram(List<Site> sites) {
    private static final double WIDTH = 720;
    private static final double CELL_MAX = 28;
    private static final double LEFT = 40;
    private static final int LABELS_MAX = 40;

    SiteDiagram {
        sites = List.copyOf(sites);
    }

    String svg() {
        int layers = sites.stream().mapToInt(Site::layer).max().orElse(0) + 1;
        double cell = Math.min(CELL_MAX, (WIDTH - LEFT) / sites.size());
        double row = Math.min(14, 220.0 / layers);
        double height = layers * row + 24;
        StringBuilder svg = new StringBuilder();
        svg.append(
                "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"layers\">\n"
                        .formatted(WIDTH, height));
        int every = Math.max(1, (sites.size() + LABELS_MAX - 1) / LABELS_MAX);
        for (Site site : sites) {
            double x = LEFT + site.site() * cell;
            double y = (layers - 1 - site.layer()) * row;
            svg.append(
                    """
                    <rect class="%s" x="%s" y="%s" width="%s" height="%s">\
                    <title>site %d: layer %d%s</title></rect>
                    """
                            .formatted(
                                    site.occurrence() == 0 ? "layer" : "layer clone",
                                    LineChart.number(x + 1),
                                    LineChart.number(y + 1),
                                    LineChart.number(Math.max(1, cell - 2)),
                                    LineChart.number(Math.max(1, row - 2)),
                                    site.site(),
                                    site.layer(),
                                    site.occurrence() == 0 ? "" : ", clone"));
            if (site.site() % every == 0) {
                svg.append(
                        "<text class=\"tick middle\" x=\"%s\" y=\"%s\">%d</text>\n"
                                .formatted(
                                        LineChart.number(x + cell / 2),
                                        LineChart.number(height - 6),
                                        site.site()));
            }
        }
        return svg.append("</svg>\n").toString();
    }
}
