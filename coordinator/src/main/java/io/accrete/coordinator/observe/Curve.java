package io.accrete.coordinator.observe;

import java.util.List;

/**
 * A line in a chart.
 *
 * @param points in ascending order of x; where y is not finite the line is broken
 */
public record Curve(String name, List<Point> points) {
    public Curve {
        points = List.copyOf(points);
    }

    public record Point(double x, double y) {}
}
