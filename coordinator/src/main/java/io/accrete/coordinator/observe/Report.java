package io.accrete.coordinator.observe;

import io.accrete.protocol.merge.Site;

import java.util.List;

/**
 * What is told about a training.
 *
 * @param lead a sentence or two under the title
 * @param sites of the model; the diagram is left out where there are none
 */
public record Report(
        String title, String lead, List<Site> sites, List<Table> tables, List<Chart> charts) {
    public Report {
        sites = List.copyOf(sites);
        tables = List.copyOf(tables);
        charts = List.copyOf(charts);
    }

    /**
     * @param rows each as long as {@code columns}; the first cell names the row
     * @param note under it, may be empty
     */
    public record Table(String title, List<String> columns, List<List<String>> rows, String note) {
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /**
     * Curves over the steps.
     *
     * @param unit of the vertical axis
     * @param events what happened at a step, by a word
     */
    public record Chart(String title, String unit, List<Curve> curves, List<Event> events) {
        public Chart {
            curves = List.copyOf(curves);
            events = List.copyOf(events);
        }
    }

    public record Event(int step, String word) {}
}
