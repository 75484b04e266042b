package io.accrete.cli;

import io.accrete.protocol.merge.Site;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of which source layer stands where: a row for each run of consecutive layers of one
 * model, a column for each source layer, clones marked.
 */
final class LayerMap {
    private static final int CELLS_MAX = 64;
    private static final int ROWS_MAX = 60;
    private static final char FIRST = '█';
    private static final char CLONE = '▒';
    private static final String BLUE = "\u001b[34m";
    private static final String YELLOW = "\u001b[33m";
    private static final String PLAIN = "\u001b[0m";

    private final List<Run> runs;
    private final int layersPerCell;
    private final int cells;
    private final boolean colour;

    private LayerMap(List<Run> runs, boolean colour) {
        int layers = runs.stream().mapToInt(run -> run.last().layer() + 1).max().orElse(0);
        this.runs = runs;
        this.layersPerCell = Math.max(1, Math.ceilDiv(layers, CELLS_MAX));
        this.cells = Math.ceilDiv(layers, layersPerCell);
        this.colour = colour;
    }

    /** Consecutive layers of one model, in the order of the output. */
    private record Run(List<Site> sites) {
        Site first() {
            return sites.getFirst();
        }

        Site last() {
            return sites.getLast();
        }

        boolean continuesWith(Site next) {
            return next.model().equals(last().model()) && next.layer() == last().layer() + 1;
        }
    }

    /** The lines of the picture. */
    static List<String> draw(List<Site> sites, boolean colour) {
        if (sites.isEmpty()) {
            return List.of("no layers");
        }
        return new LayerMap(runs(sites), colour).lines();
    }

    private static List<Run> runs(List<Site> sites) {
        List<Run> runs = new ArrayList<>();
        for (Site site : sites) {
            if (runs.isEmpty() || !runs.getLast().continuesWith(site)) {
                runs.add(new Run(new ArrayList<>()));
            }
            runs.getLast().sites().add(site);
        }
        return runs;
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("  output layers  source layers" + scaleNote());
        lines.add("                 " + scale());
        for (int i = 0; i < runs.size(); i++) {
            if (runs.size() > ROWS_MAX && i == ROWS_MAX / 2) {
                int left = runs.size() - ROWS_MAX;
                lines.add(
                        "          ...    %d more runs of layers (--json has all)".formatted(left));
                i += left;
            }
            lines.add(row(runs.get(i)));
        }
        lines.add(
                "                 %s first use of a layer   %s clone"
                        .formatted(paint(FIRST, 1), paint(CLONE, 1)));
        return lines;
    }

    private String scaleNote() {
        return layersPerCell == 1 ? "" : " (one cell: %d layers)".formatted(layersPerCell);
    }

    private String scale() {
        StringBuilder scale = new StringBuilder();
        while (scale.length() < cells) {
            String mark = String.valueOf(scale.length() * layersPerCell);
            scale.append(mark).append(" ".repeat(Math.max(1, 10 - mark.length())));
        }
        return scale.toString().stripTrailing();
    }

    private String row(Run run) {
        StringBuilder row = new StringBuilder();
        row.append(
                String.format(
                        Locale.ROOT, "  %5s - %-5s  ", run.first().site(), run.last().site()));
        int from = run.first().layer() / layersPerCell;
        int to = run.last().layer() / layersPerCell;
        row.append(" ".repeat(from));
        int drawn = 0;
        for (int cell = from; cell <= to; cell += drawn) {
            char mark = mark(run, cell);
            drawn = 1;
            while (cell + drawn <= to && mark(run, cell + drawn) == mark) {
                drawn++;
            }
            row.append(paint(mark, drawn));
        }
        row.append(" ".repeat(Math.max(1, cells - to)));
        return row.append(run.first().model()).toString();
    }

    private char mark(Run run, int cell) {
        return run.sites().stream()
                        .filter(site -> site.layer() / layersPerCell == cell)
                        .anyMatch(site -> site.occurrence() > 0)
                ? CLONE
                : FIRST;
    }

    private String paint(char mark, int times) {
        String cellsOfMark = String.valueOf(mark).repeat(times);
        return colour ? (mark == CLONE ? YELLOW : BLUE) + cellsOfMark + PLAIN : cellsOfMark;
    }
}
