package io.accrete.coordinator.observe;

import io.accrete.protocol.merge.Site;

import java.util.List;

/**
 * What is told about a training.
 *
 * @param lead a sentence or two under the title
 * @param sites of the model; the diagram is left out where there are none
 * @param papers tables that come last, to look things up in
 */
public record Report(
        String title,
        String lead,
        List<Site> sites,
        List<Table> tables,
        List<Chart> charts,
        List<Heat> heats,
        List<Table> papers) {
    public Report {
        sites = List.copyOf(sites);
        tables = List.copyOf(tables);
        charts = List.copyOf(charts);
        heats = List.copyOf(heats);
        papers = List.copyOf(papers);
    }

    /**
     * @param rows each as long as {@code columns}; the first cell names the row
     * @param note under it, may be empty
     * @param prose whether cells are texts rather than numbers
     */
    public record Table(
            String title,
            List<String> columns,
            List<List<String>> rows,
            String note,
            boolean prose) {
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }

        /** A table of numbers. */
        public Table(String title, List<String> columns, List<List<String>> rows, String note) {
            this(title, columns, rows, note, false);
        }
    }

    /**
     * Curves over steps, or layers.
     *
     * @param unit of the vertical axis
     * @param across what is counted on the other one
     * @param events what happened at a step, by a word
     */
    public record Chart(
            String title, String unit, String across, List<Curve> curves, List<Event> events) {
        public Chart {
            curves = List.copyOf(curves);
            events = List.copyOf(events);
        }
    }

    public record Event(int step, String word) {}

    /**
     * A number for each layer at each of some steps.
     *
     * @param columns the numbers of all layers, step by step; NaN where there is none
     * @param first step
     * @param last step
     * @param note under it
     */
    public record Heat(String title, List<double[]> columns, int first, int last, String note) {
        public Heat {
            columns = List.copyOf(columns);
        }
    }
}
