package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Report.Heat;

import java.util.List;
import java.util.Locale;

/**
 * A number for each layer and step as SVG: the stronger the larger, on a scale of powers, from the
 * smallest to the largest that there is. Several steps share a column where there are many.
 */
record HeatMap(Heat heat) {
    private static final double WIDTH = 720;
    private static final double LEFT = 64;
    private static final double RIGHT = 16;
    private static final double ROW_MAX = 18;
    private static final double HEIGHT_MAX = 420;
    private static final double BOTTOM = 36;
    private static final int CELLS_MAX = 6000;
    private static final int LABELS_MAX = 24;
    private static final double FAINTEST = 0.06;

    /** Empty where there is nothing to show. */
    String svg() {
        List<double[]> columns = heat.columns();
        int rows = columns.stream().mapToInt(column -> column.length).max().orElse(0);
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double[] column : columns) {
            for (double value : column) {
                if (value > 0 && Double.isFinite(value)) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
            }
        }
        if (rows == 0 || high < low) {
            return "";
        }
        int shown = Math.max(1, Math.min(columns.size(), CELLS_MAX / rows));
        double row = Math.min(ROW_MAX, HEIGHT_MAX / rows);
        double cell = (WIDTH - LEFT - RIGHT) / shown;
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
                        WIDTH,
                        rows * row + BOTTOM,
                        Html.escaped(heat.title())));
        for (int i = 0; i < shown; i++) {
            double[] largest = largest(columns, i, shown, rows);
            for (int site = 0; site < rows; site++) {
                if (largest[site] > 0) {
                    double share = high == low ? 1 : share(largest[site], low, high);
                    svg.append(cell(LEFT + i * cell, (rows - 1 - site) * row, cell, row, share));
                }
            }
        }
        labels(svg, rows, row);
        return svg.append("</svg>\n").toString();
    }

    private static double share(double value, double low, double high) {
        return Math.log(value / low) / Math.log(high / low);
    }

    /** Of the steps that share a column. */
    private static double[] largest(List<double[]> columns, int column, int shown, int rows) {
        double[] largest = new double[rows];
        int begin = (int) ((long) column * columns.size() / shown);
        int end = (int) ((column + 1L) * columns.size() / shown);
        for (double[] step : columns.subList(begin, end)) {
            for (int site = 0; site < step.length; site++) {
                if (Double.isFinite(step[site])) {
                    largest[site] = Math.max(largest[site], step[site]);
                }
            }
        }
        return largest;
    }

    private static String cell(double x, double y, double width, double height, double share) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"heat\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\""
                        + " fill-opacity=\"%.2f\"/>\n",
                x,
                y,
                width,
                height,
                FAINTEST + (1 - FAINTEST) * share);
    }

    private void labels(StringBuilder svg, int rows, double row) {
        int every = Math.max(1, (rows + LABELS_MAX - 1) / LABELS_MAX);
        for (int site = 0; site < rows; site += every) {
            double y = (rows - 1 - site) * row + row / 2 + 4;
            svg.append(text("tick end", LEFT - 8, y, "layer " + site));
        }
        double bottom = rows * row + 18;
        svg.append(text("tick", LEFT, bottom, "step " + heat.first()));
        svg.append(text("tick end", WIDTH - RIGHT, bottom, "step " + heat.last()));
    }

    private static String text(String style, double x, double y, String text) {
        return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(style, LineChart.number(x), LineChart.number(y), Html.escaped(text));
    }
}
