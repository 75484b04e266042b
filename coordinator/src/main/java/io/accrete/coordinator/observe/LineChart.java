package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Curve.Point;

import java.util.List;
import java.util.Locale;

/**
 * Curves over steps, or layers, as SVG. Colours are classes of the page's style sheet, so that they
 * follow its light and dark.
 *
 * @param title above it
 * @param unit of the vertical axis
 * @param across what is counted on the other one
 * @param marks steps at which something happened, with a word for each
 */
record LineChart(String title, String unit, String across, List<Curve> curves, List<Mark> marks) {
    /** Colours that the style sheet has. */
    static final int COLOURS = 6;

    private static final double WIDTH = 720;
    private static final double HEIGHT = 260;
    private static final double LEFT = 64;
    private static final double RIGHT = 16;
    private static final double TOP = 16;
    private static final double BOTTOM = 36;

    /** Finer than the pixels of any screen. */
    private static final int POINTS_MAX = 1500;

    LineChart {
        curves = List.copyOf(curves);
        marks = List.copyOf(marks);
    }

    /** Something that happened at a step. */
    record Mark(double x, String word) {}

    String svg() {
        List<Point> all =
                curves.stream()
                        .flatMap(curve -> curve.points().stream())
                        .filter(point -> Double.isFinite(point.y()))
                        .toList();
        if (all.isEmpty()) {
            return "";
        }
        Ticks right = Ticks.of(0, all.stream().mapToDouble(Point::x).max().orElseThrow());
        Ticks up =
                Ticks.of(
                        all.stream().mapToDouble(Point::y).min().orElseThrow(),
                        all.stream().mapToDouble(Point::y).max().orElseThrow());
        StringBuilder svg = new StringBuilder();
        svg.append(
                "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n"
                        .formatted(WIDTH, HEIGHT, Html.escaped(title)));
        for (double y : up.values()) {
            double at = y(up, y);
            svg.append(line("grid", LEFT, at, WIDTH - RIGHT, at));
            svg.append(text("tick end", LEFT - 8, at + 4, up.text(y)));
        }
        for (double x : right.values()) {
            svg.append(text("tick middle", x(right, x), HEIGHT - BOTTOM + 18, right.text(x)));
        }
        svg.append(text("tick end", WIDTH - RIGHT, HEIGHT - 4, across));
        svg.append(text("tick", 4, TOP - 4, unit));
        for (Mark mark : marks) {
            double at = x(right, mark.x());
            svg.append(line("mark", at, TOP, at, HEIGHT - BOTTOM));
            svg.append(text("tick middle", at, TOP - 4, mark.word()));
        }
        for (int i = 0; i < curves.size(); i++) {
            svg.append(
                    "<path class=\"curve c%d\" d=\"%s\"/>\n"
                            .formatted(i % COLOURS, path(curves.get(i), right, up)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String path(Curve curve, Ticks right, Ticks up) {
        int every = Math.max(1, (curve.points().size() + POINTS_MAX - 1) / POINTS_MAX);
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < curve.points().size(); i++) {
            Point point = curve.points().get(i);
            if (i % every != 0 && i != curve.points().size() - 1) {
                continue;
            }
            if (!Double.isFinite(point.y())) {
                drawing = false;
                continue;
            }
            path.append(drawing ? 'L' : 'M');
            path.append(number(x(right, point.x()))).append(' ');
            path.append(number(y(up, point.y())));
            drawing = true;
        }
        return path.toString();
    }

    /** The curves' names in their colours; nothing for a single one. */
    String legend() {
        if (curves.size() < 2) {
            return "";
        }
        StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        for (int i = 0; i < curves.size(); i++) {
            legend.append(
                    "<span class=\"key c%d\">%s</span> "
                            .formatted(i % COLOURS, Html.escaped(curves.get(i).name())));
        }
        return legend.append("</p>\n").toString();
    }

    private static double x(Ticks right, double value) {
        double share = (value - right.low()) / (right.high() - right.low());
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Ticks up, double value) {
        double share = (value - up.low()) / (up.high() - up.low());
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private static String line(String style, double x1, double y1, double x2, double y2) {
        return "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                .formatted(style, number(x1), number(y1), number(x2), number(y2));
    }

    private static String text(String style, double x, double y, String text) {
        return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(style, number(x), number(y), Html.escaped(text));
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
